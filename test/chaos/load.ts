// One buyer of the load: buys tokens, starts a session, lets the provider report work, ends it, again and again, and keeps
// a record of what the marketplace acknowledged. A lost answer is asked again with the same key, as a good client does.

import { randomUUID } from "node:crypto";
import type { Marketplace, Person } from "../support/marketplace.ts";

export interface Acknowledged {
  /** Checkouts the stand-in said were paid. */
  paid: string[];
  /** Checkouts whose answer was lost: paid or not. */
  perhapsPaid: string[];
  /** Sessions that were answered as settled. */
  sessions: {
    id: string;
    /** Units in accepted reports. */
    units: number;
    /** Accepted report requests. */
    reports: number;
    /** Tokens, as the settlement said. */
    consumed: number;
  }[];
}

interface Needs {
  market: Marketplace;
  person: Person;
  provider: { id: string; apiKey: string };
  tokens: number;
  load: { isOver: boolean };
}

const REPORTS_A_SESSION = 2;
const UNITS_A_REPORT = 3;

export interface Buyer {
  /** Grows while the buyer runs. */
  acknowledged: Acknowledged;
  /** The same, once the load is over. Rejects with the first answer that was neither lost nor good. */
  done: Promise<Acknowledged>;
}

export function startBuyer(needs: Needs): Buyer {
  const acknowledged: Acknowledged = { paid: [], perhapsPaid: [], sessions: [] };
  return { acknowledged, done: runCycles(needs, acknowledged) };
}

async function runCycles(buyer: Needs, acknowledged: Acknowledged): Promise<Acknowledged> {
  while (!buyer.load.isOver) {
    await buy(buyer, acknowledged);
    acknowledged.sessions.push(await useTheApp(buyer));
  }
  return acknowledged;
}

async function buy({ market, person, tokens }: Needs, acknowledged: Acknowledged): Promise<void> {
  const checkoutId = await openCheckout(market, person, tokens);
  const isAnswered = await market.pay(checkoutId);
  (isAnswered ? acknowledged.paid : acknowledged.perhapsPaid).push(checkoutId);
}

/** Around a call to Stripe the key of a request that was cut off is leased for a minute; a person would click again. */
async function openCheckout(market: Marketplace, person: Person, tokens: number): Promise<string> {
  try {
    return (await market.openCheckout(person, tokens)).checkoutId;
  } catch (error) {
    if (!String((error as Error).message).includes("idempotency_in_progress")) throw error;
    return (await market.openCheckout(person, tokens)).checkoutId;
  }
}

async function useTheApp({ market, person, provider }: Needs): Promise<Acknowledged["sessions"][number]> {
  const { id, launchToken } = await startWhenFunded(market, person, provider.id);
  await market.redeem(launchToken);
  let units = 0;
  for (let report = 0; report < REPORTS_A_SESSION; report++) {
    const event = { sessionId: id, meter: "call", units: UNITS_A_REPORT, idempotencyKey: randomUUID() };
    const { results } = await market.must<{ results: { status: string }[] }>("POST", "/v1/provider/tokens/report", {
      bearer: provider.apiKey,
      body: { events: [event] },
    });
    const status = results[0]!.status;
    if (status !== "accepted" && status !== "duplicate") throw new Error(`report answered ${status}`);
    units += UNITS_A_REPORT;
  }
  await market.must("POST", "/v1/provider/sessions/sync", {
    bearer: provider.apiKey,
    body: { action: "complete", sessionId: id, final: true },
  });
  return { id, units, reports: REPORTS_A_SESSION, consumed: await settledTokens(market, person, id) };
}

/** While D1 cannot be reached an end is answered `pending`, and the session's alarm settles it later. */
async function settledTokens(market: Marketplace, person: Person, id: string): Promise<number> {
  for (const until = Date.now() + 90_000; ;) {
    const { session } = await market.session(person, id);
    if (session.settlement === "settled") return session.tokensConsumed;
    if (Date.now() > until) throw new Error(`session ${id} ended and was never settled`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The credit follows the payment by a moment, or by a retry when something was killed in between. */
async function startWhenFunded(market: Marketplace, person: Person, providerId: string) {
  const until = Date.now() + 90_000;
  for (;;) {
    try {
      return await market.createSession(person, providerId);
    } catch (error) {
      if (!String((error as Error).message).includes(" 402 ") || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
