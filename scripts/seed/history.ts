// Two months of other people's sessions, so that a fresh clone's dashboard, earnings and "likely" figures say something. It
// is written by the same statements as real sessions, so every rule of the books holds for it (npm run check-ledger). The
// people have wallets but no accounts: nobody can sign in as one of them.

import { ABANDONED_SECONDS, END_REASON_STATUS, LAUNCH_SECONDS } from "../../sdk/src/protocol/session.ts";
import { FIRST_MONDAY, WEEK_MS } from "../../domain/catalogue/analytics-store.ts";
import { appsOfOwner } from "../../domain/catalogue/store.ts";
import { rollUpStats } from "../../domain/catalogue/usage-stats-store.ts";
import type { App } from "../../domain/catalogue/app.ts";
import type { Millis } from "../../domain/clock.ts";
import { newId } from "../../domain/ids.ts";
import { createWalletStatement, isAlreadyPosted, issueStatement } from "../../domain/ledger/store.ts";
import { needsReports } from "../../domain/pricing/charge.ts";
import { billFor, holdAndCaps } from "../../domain/sessions/bill.ts";
import { reportsPart, type ReportRequest } from "../../domain/sessions/report-store.ts";
import {
  closingsPart,
  creationsPart,
  startsPart,
  type CloseOperation,
  type CreateOperation,
  type RedeemOperation,
} from "../../domain/sessions/store.ts";
import { seededAppId } from "./catalogue.ts";
import { SEEDED_APPS } from "./apps.ts";
import { insertPastViews, insertSubjects, isInBooks, isKnown, type PastCustomer } from "./history-store.ts";
import { PEOPLE, pastVisits, WEEKS, type Visit } from "./past-visits.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The longest session of the history fits into what each person bought. */
const BOUGHT_TOKENS = 12_000;
/** The longest visit, with a pause that is given up. */
const LONGEST_MS = 130 * MINUTE_MS;
/** Seeded apps stand among those the owner registers by hand; nobody registers more than this. */
const OWNED_APPS_MAX = 1_000;
/** Every visit is followed by so many looks that come to nothing. */
const LOOKS_A_VISIT = 3;

/**
 * Writes the history of the owner's seeded apps. A second run changes nothing, and one that was cut short is finished.
 * Apps that are younger than the history (a state folder from before there was one) get none.
 */
export async function seedHistory(db: D1Database, it: { ownerUserId: string; now: Millis }): Promise<void> {
  if (await isKnown(db, customerOf(0))) return;
  const apps = new Map((await appsOfOwner(db, it.ownerUserId, OWNED_APPS_MAX)).map((app) => [app.id, app]));
  const bySlug = new Map(SEEDED_APPS.map((app) => [app.slug, apps.get(seededAppId(app))]));
  const history = pastVisits().flatMap((visit, index) => {
    const app = bySlug.get(visit.slug);
    const at = momentOf(visit, it.now);
    const isOver = at + LONGEST_MS < it.now;
    return app && app.createdAt < at && app.status === "active" && isOver ? [past(visit, index, app, at)] : [];
  });
  if (history.length === 0) return;
  await seedCustomers(db, it.now);
  // One session of a person at a time, in order, as a wallet lives it; each round commits whole.
  for (const round of roundsOf(history))
    if (!(await isInBooks(db, round[0]!.close.sessionId))) await db.batch(statementsOf(db, round));
  for (const id of new Set(history.map(({ create }) => create.session.providerId))) await rollUpStats(db, id, it.now);
  // The last step, by which the next start knows that it is done.
  await db.batch([insertPastViews(db, viewsOf(history)), insertSubjects(db, history.map(subjectOf))]);
}

/** Weeks begin on Mondays, as the cohorts of the dashboard do. */
function momentOf({ week, minute }: Visit, now: Millis): Millis {
  const thisWeek = Math.floor((now - FIRST_MONDAY) / WEEK_MS);
  return FIRST_MONDAY + (thisWeek - WEEKS + 1 + week) * WEEK_MS + minute * MINUTE_MS;
}

interface PastSession {
  visit: Visit;
  create: CreateOperation;
  start: RedeemOperation | null;
  report: ReportRequest | null;
  close: CloseOperation;
}

function past(visit: Visit, index: number, app: App, at: Millis): PastSession {
  const id = sessionIdOf(index);
  const customer = customerOf(visit.person);
  const durationSeconds = visit.bookedMinutes * 60;
  const terms = { components: app.components, feeBasisPoints: app.feeBasisPoints };
  const { heldTokens, caps } = holdAndCaps(terms, durationSeconds);
  const startedAt = at + 4_000;
  const isStarted = visit.endReason !== "never_started";
  const reports = visit.reports.filter(({ meter, unitsMicro }) => unitsMicro <= (caps[meter] ?? 0));
  const stoppedAt = startedAt + visit.activeSeconds * 1000;
  const isAbandoned = visit.endReason === "abandoned";
  const endedAt = !isStarted
    ? at + LAUNCH_SECONDS * 1000
    : isAbandoned
      ? stoppedAt + ABANDONED_SECONDS * 1000
      : stoppedAt;
  const jti = newId(at);
  const bill = billFor(
    { ...terms, durationSeconds },
    {
      activeSeconds: visit.activeSeconds,
      unitsMicro: Object.fromEntries(reports.map(({ meter, unitsMicro }) => [meter, unitsMicro])),
      ...(needsReports(app.components) && {
        eventsMicro: Object.fromEntries(reports.map(({ meter, unitsMicro }) => [meter, [unitsMicro]])),
      }),
    },
    visit.endReason,
  );
  return {
    visit,
    create: {
      session: {
        ...customer,
        ...terms,
        id,
        mode: "live",
        subject: subjectIdOf(visit.person, app.id),
        providerId: app.id,
        providerName: app.name,
        appUrl: app.appUrl,
        priceVersionId: app.priceVersionId,
        payable: true,
        status: "pending",
        durationSeconds,
        autoExtendSeconds: 0,
        heldTokens,
        tags: [],
        state: newId(at),
        jti,
        launchDeadline: at + LAUNCH_SECONDS * 1000,
        createdAt: at,
      },
      caps,
      idempotency: null,
      events: [],
    },
    start: isStarted ? { sessionId: id, jti, now: startedAt, events: [] } : null,
    report:
      reports.length === 0
        ? null
        : {
            providerId: app.id,
            mode: "live",
            requestId: `seed-${index}`,
            now: stoppedAt - 1000,
            operations: reports.map(({ meter, unitsMicro }, position) => ({
              position,
              sessionId: id,
              key: `seed-${index}-${meter}`,
              meter,
              unitsMicro,
              occurredAt: stoppedAt - 1000,
              late: false,
              eventId: newId(stoppedAt),
            })),
          },
    close: {
      sessionId: id,
      status: END_REASON_STATUS[visit.endReason],
      endReason: visit.endReason,
      endedAt,
      activeSeconds: visit.activeSeconds,
      reports: reports.length,
      durationSeconds: visit.bookedMinutes * 60,
      usedTokens: bill.usedTokens,
      includedTokens: 0,
      feeTokens: bill.feeTokens,
      lines: bill.lines,
      intervals: [
        ...(isStarted ? [{ kind: "active", cause: null, from: startedAt, to: stoppedAt } as const] : []),
        ...(isAbandoned ? [{ kind: "paused", cause: "heartbeat_lost", from: stoppedAt, to: endedAt } as const] : []),
      ],
      comparisons: [],
      slice: null,
      now: endedAt + 1000,
      events: [],
    },
  };
}

const statementsOf = (db: D1Database, round: readonly PastSession[]): D1PreparedStatement[] => [
  ...creationsPart(
    db,
    round.map(({ create }) => create),
  ).statements,
  ...startsPart(
    db,
    round.flatMap(({ start }) => start ?? []),
  ).statements,
  ...reportsPart(
    db,
    round.flatMap(({ report }) => report ?? []),
  ).statements,
  ...closingsPart(
    db,
    round.map(({ close }) => close),
  ).statements,
];

/** The first visit of everybody, then the second, and so on. */
function roundsOf(history: readonly PastSession[]): PastSession[][] {
  const rounds: PastSession[][] = [];
  const seen = new Map<number, number>();
  for (const session of history) {
    const round = seen.get(session.visit.person) ?? 0;
    seen.set(session.visit.person, round + 1);
    (rounds[round] ??= []).push(session);
  }
  return rounds;
}

/** Each bought tokens before they first came; the money is in the bank, as that of the seeded person. */
async function seedCustomers(db: D1Database, now: Millis): Promise<void> {
  const at = now - (WEEKS * 7 + 1) * DAY_MS;
  const people = Array.from({ length: PEOPLE }, (_, person) => customerOf(person));
  try {
    await db.batch(
      people.flatMap(({ userId, walletId }) => [
        createWalletStatement(db, walletId, at),
        issueStatement(db, {
          id: `purchase:seed-${userId}`,
          lotId: walletId.replace("-8011-", "-8012-"),
          walletId,
          kind: "paid",
          tokens: BOUGHT_TOKENS,
          paidCents: BOUGHT_TOKENS,
          receivedIn: "bank",
          at,
        }),
      ]),
    );
  } catch (error) {
    if (!isAlreadyPosted(error)) throw error;
  }
}

function viewsOf(history: readonly PastSession[]): { providerId: string; at: Millis; count: number }[] {
  const views = new Map<string, { providerId: string; at: Millis; count: number }>();
  for (const { create, visit } of history) {
    const { providerId, createdAt } = create.session;
    const key = `${providerId} ${Math.floor(createdAt / DAY_MS)}`;
    const known = views.get(key) ?? { providerId, at: createdAt, count: 0 };
    views.set(key, { ...known, count: known.count + LOOKS_A_VISIT + (visit.person % 3) });
  }
  return [...views.values()];
}

const subjectOf = ({ create: { session } }: PastSession) => ({
  userId: session.userId,
  providerId: session.providerId,
  subject: session.subject,
  at: session.createdAt,
});

/** Fixed UUIDv7s: 8010 a person, 8011 their wallet, 8012 its lot, 8013 a session, 802x what an app knows a person by. */
const fixedId = (thing: string, number: number): string =>
  `019a0000-0000-7000-${thing}-${String(number).padStart(12, "0")}`;
const customerOf = (person: number): PastCustomer => ({
  userId: fixedId("8010", person),
  walletId: fixedId("8011", person),
});
const sessionIdOf = (index: number): string => fixedId("8013", index);
const subjectIdOf = (person: number, providerId: string): string =>
  fixedId("8020", person * 1_000 + Number(providerId.slice(-3)));
