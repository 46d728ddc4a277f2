// Stripe's movements against our postings, day by day in UTC. What belongs together is found by Stripe's own ids: a payment
// paid at 23:59 and posted at 00:01 is one thing on one day, and what does not fit is named by its id. Pure.

import type { Millis } from "../clock.ts";
import type { Finding } from "./check.ts";
import type { ClearingPosting, MovementRow, StripeSides } from "./stripe-store.ts";

export interface DayOfMoney {
  /** `2026-11-26`, UTC, as Stripe dates it. */
  day: string;
  stripeCents: number;
  booksCents: number;
  /** Too young to judge: the event that tells us, or our look at the list, is still to come. Not in the two before it. */
  inTransitCents: number;
}
export interface StripeComparison {
  days: DayOfMoney[];
  findings: Finding[];
  inTransit: number;
}

/** A webhook that was lost is caught up within an hour (workers/cron/schedule.ts); twice that is time enough. */
export const IN_TRANSIT_MS = 2 * 60 * 60 * 1000;

export const CLEARING_BY_DAY = "Stripe clearing is Stripe's balance, day by day";
export const CLEARING_IN_ALL = "Stripe clearing is Stripe's balance, in all";

/** What Stripe and we say about one thing of Stripe's. */
interface Group {
  name: string;
  movements: MovementRow[];
  postings: ClearingPosting[];
}

/**
 * @param from First day that is judged; `sides` reach further back, so that what was posted around it finds its partner.
 * @param through Up to when Stripe's list was read.
 */
export function compareWithStripe(
  sides: StripeSides,
  { from, through, now }: { from: Millis; through: Millis; now: Millis },
): StripeComparison {
  const judgedUntil = Math.min(through, now - IN_TRANSIT_MS);
  const days = new Map<string, DayOfMoney>();
  const dayOf = (at: Millis): DayOfMoney => {
    const day = new Date(at).toISOString().slice(0, 10);
    const known = days.get(day) ?? { day, stripeCents: 0, booksCents: 0, inTransitCents: 0 };
    days.set(day, known);
    return known;
  };
  const findings: Finding[] = [];
  let [inTransit, unexplained] = [0, sides.clearingCents - sides.stripeCents];

  for (const group of groupsOf(sides)) {
    const { movements, postings } = group;
    const stripe = movements.reduce((sum, { netCents }) => sum + netCents, 0);
    const books = postings.reduce((sum, { cents }) => sum + cents, 0);
    const first = Math.min(...movements.map(({ createdAt }) => createdAt), ...postings.map(({ at }) => at));
    const last = Math.max(...movements.map(({ createdAt }) => createdAt), ...postings.map(({ at }) => at));
    if (stripe !== books && last > judgedUntil) {
      unexplained -= books - stripe;
      inTransit += books - stripe;
      if (first >= from) dayOf(first).inTransitCents += books - stripe;
      continue;
    }
    // Of what ended before the first day, the partner may lie before all that was read: only the totals have both.
    if (stripe !== books && last >= from) {
      unexplained -= books - stripe;
      findings.push({
        check: CLEARING_BY_DAY,
        row: `${new Date(first).toISOString().slice(0, 10)} ${group.name}`,
        expected: stripe,
        found: books,
      });
    }
    for (const movement of movements)
      if (movement.createdAt >= from) dayOf(movement.createdAt).stripeCents += movement.netCents;
    for (const posting of postings) {
      const at = partnerOf(posting, movements)?.createdAt ?? posting.at;
      if (at >= from) dayOf(at).booksCents += posting.cents;
    }
  }
  if (unexplained !== 0)
    findings.push({ check: CLEARING_IN_ALL, row: "before the days compared", expected: 0, found: unexplained });
  return { days: [...days.values()].sort((a, b) => (a.day < b.day ? 1 : -1)), findings, inTransit };
}

function groupsOf({ movements, postings }: StripeSides): Iterable<Group> {
  const byKey = new Map<string, Group>();
  const groups = new Set<Group>();
  const groupFor = (keys: string[], name: string): Group => {
    const group = keys.map((key) => byKey.get(key)).find(Boolean) ?? { name, movements: [], postings: [] };
    for (const key of keys) if (!byKey.has(key)) byKey.set(key, group);
    groups.add(group);
    return group;
  };
  for (const movement of movements) {
    const keys = [movement.paymentId, movement.source, movement.id].filter((key) => key !== null);
    groupFor(keys, keys[0]!).movements.push(movement);
  }
  for (const posting of postings) {
    // A transaction is named by the kind of its document and Stripe's id (`refund:re_1`), or says it in its reference; a
    // purchase is known by its payment, which what came back of it names, too.
    const keys = [...posting.tx.split(":"), posting.ref, posting.paymentId].filter((key) => key !== null);
    const known = keys.find((key) => byKey.has(key));
    groupFor(known ? [known] : [posting.tx], posting.tx).postings.push(posting);
  }
  return groups;
}

/** The movement a posting is about: named by it, or of the same sign and nearest in time. */
function partnerOf(posting: ClearingPosting, movements: readonly MovementRow[]): MovementRow | undefined {
  const named = movements.find(({ id }) => posting.tx.endsWith(`:${id}`));
  if (named) return named;
  const distance = ({ createdAt }: MovementRow) => Math.abs(createdAt - posting.at);
  const alike = movements.filter(({ netCents }) => Math.sign(netCents) === Math.sign(posting.cents));
  return (alike.length > 0 ? alike : [...movements]).toSorted((a, b) => distance(a) - distance(b))[0];
}
