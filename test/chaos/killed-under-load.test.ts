// What was acknowledged survives. A load of buyers and providers runs against a whole stack while workerd and then the
// launcher are killed the hard way; afterwards every acknowledged purchase, start, report and settlement is there once,
// every webhook event arrived, and the books balance.

import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runtimePids } from "../../scripts/start/instance.ts";
import { isRunning, markOf } from "../../scripts/start/processes.ts";
import { ageSessions } from "../support/aged-state.ts";
import { brokenPromises } from "../support/books.ts";
import { Marketplace, type Person } from "../support/marketplace.ts";
import { startStack, type Stack } from "../support/stack.ts";
import { openVerifyingSink, type VerifyingSink } from "../support/verifying-sink.ts";
import { startBuyer, type Acknowledged, type Buyer } from "./load.ts";

const HOUR_MS = 60 * 60 * 1000;
const BEAT_STORED_AFTER_MS = 5_200;
const BUYERS = 4;
const TOKENS_A_PURCHASE = 500;
const ENDPOINTS = 4;
/** Share of the deliveries that the endpoints answer 500. */
const REFUSED_SHARE = 0.05;

let stack: Stack;
let sink: VerifyingSink;
let market: Marketplace;
let provider: { id: string; apiKey: string };

beforeAll(async () => {
  [stack, sink] = await Promise.all([startStack(), openVerifyingSink(ENDPOINTS, REFUSED_SHARE)]);
  market = new Marketplace(stack.origins, { patientMs: 90_000 });
  provider = await registerProvider(await market.register());
});
afterAll(async () => {
  await stack?.stop();
  await sink?.close();
  stack?.forget();
});

describe("killed under load", () => {
  const people: Person[] = [];
  const acknowledged: Acknowledged[] = [];

  it("goes on taking money and work after workerd and the launcher were killed", async () => {
    people.push(...(await Promise.all(Array.from({ length: BUYERS }, () => market.register()))));
    const load = { isOver: false };
    const buyers = people.map((person) => startBuyer({ market, person, provider, tokens: TOKENS_A_PURCHASE, load }));

    await moreSessions(buyers);
    await kill(...runtimePids(stack.stateDir));

    await moreSessions(buyers);
    await kill(stack.launcher.pid!);
    stack = await stack.restart();
    expect(stack.output()).toContain("left behind by a start that was killed");

    await moreSessions(buyers);
    load.isOver = true;
    acknowledged.push(...(await Promise.all(buyers.map(({ done }) => done))));
  });

  it("credits every paid checkout once, and no other", async () => {
    for (const [index, person] of people.entries()) {
      const { paid, perhapsPaid } = acknowledged[index]!;
      const purchases = await until(
        async () => (await market.transactions(person)).filter(({ type }) => type === "purchase"),
        (found) => found.length >= paid.length,
      );
      expect(purchases.length).toBeGreaterThanOrEqual(paid.length);
      expect(purchases.length).toBeLessThanOrEqual(paid.length + perhapsPaid.length);
      expect(purchases.every(({ amount }) => amount === TOKENS_A_PURCHASE)).toBe(true);
    }
  });

  it("keeps every session that was answered, with the reports that were accepted, settled once", async () => {
    for (const [index, person] of people.entries()) {
      const history = await market.transactions(person);
      for (const { id, units, consumed } of acknowledged[index]!.sessions) {
        const { session } = await market.session(person, id);
        expect(session).toMatchObject({ status: "completed", settlement: "settled", tokensConsumed: consumed });
        // One unit is one token; the seconds of such a short session round up to a few more.
        expect(consumed).toBeGreaterThanOrEqual(units);
        const rows = history.filter(({ sessionId }) => sessionId === id);
        expect(rows.filter(({ type }) => type === "hold")).toHaveLength(1);
        expect(rows.filter(({ type }) => type === "release")).toHaveLength(1);
        expect(rows.filter(({ type }) => type === "consumption").map(({ amount }) => amount)).toEqual([-consumed]);
      }
    }
  });

  it("shows each person a history that sums to the balance", async () => {
    for (const person of people) {
      const history = await market.transactions(person);
      expect(history.reduce((sum, { amount }) => sum + amount, 0)).toBe(await market.balance(person));
    }
  });

  it("delivers every event of every acknowledged session to each endpoint, signed so that another library agrees", async () => {
    const wanted = acknowledged.flatMap(({ sessions }) =>
      sessions.flatMap(({ id, reports }) => [
        ...["session.started", "session.completed", "session.settled"].map((type) => `${type} ${id}`),
        ...Array.from({ length: reports }, (_, index) => `tokens.consumed ${id} ${index + 1}`),
      ]),
    );
    const missingAt = (received: VerifyingSink["endpoints"][number]["received"]) => {
      const counts = new Map<string, number>();
      const arrived = new Set<string>();
      for (const { type, data } of received.values()) {
        const key = `${type} ${data.sessionId}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        arrived.add(type === "tokens.consumed" ? `${key} ${counts.get(key)}` : key);
      }
      return wanted.filter((event) => !arrived.has(event));
    };
    const missing = () => sink.endpoints.flatMap(({ received }) => missingAt(received));
    expect(wanted.length).toBeGreaterThan(BUYERS * 3);
    // A hint lost in the crash is made good by the next event's, or by the sweeper within the minute.
    expect(
      await until(
        async () => missing(),
        (left) => left.length === 0,
        75_000,
      ),
    ).toEqual([]);
    expect(sink.counts.badSignatures).toBe(0);
    expect(sink.counts.verified).toBeGreaterThanOrEqual(wanted.length * ENDPOINTS);
  });

  it("settles a session whose time passed while everything was off at its last good heartbeat", async () => {
    const person = people[0]!;
    const { id, launchToken } = await market.createSession(person, provider.id);
    const { session: started, sessionToken } = await market.redeem(launchToken);
    // Beats closer together than five seconds may be kept in memory only; this one is on disk before it is answered.
    await setTimeout(BEAT_STORED_AFTER_MS);
    const { session: beaten } = await market.sync(sessionToken, { action: "heartbeat", active: true });

    await kill(stack.launcher.pid!, ...runtimePids(stack.stateDir));
    ageSessions(stack.stateDir, 3 * HOUR_MS);
    stack = await stack.restart();

    const seconds = Math.floor((Date.parse(beaten.serverTime) - Date.parse(started.startedAt!)) / 1000);
    const { session } = await until(
      () => market.session(person, id),
      (answer) => answer.session.settlement === "settled",
      30_000,
    );
    expect(session).toMatchObject({ status: "completed", endReason: "abandoned", activeSeconds: seconds });
    expect(session.tokensConsumed + session.tokensRefunded!).toBe(session.tokensAllocated);
  });

  it("leaves sound books behind", async () => {
    expect(await stack.stop()).toBe(0);
    expect(await brokenPromises(stack.stateDir)).toEqual([]);
  });
});

/** An app priced by time and by reported calls, whose events come to our sink. */
async function registerProvider(owner: Person): Promise<{ id: string; apiKey: string }> {
  const { provider: app, apiKey } = await market.must<{ provider: { id: string }; apiKey: string }>(
    "POST",
    "/v1/provider/register",
    {
      bearer: owner.token,
      body: {
        name: "Unbreakable",
        description: "An app whose marketplace is killed while it works.",
        category: "productivity",
        useCases: ["be killed"],
        appUrl: `${sink.origin}/app`,
        logoUrl: `${sink.origin}/logo.png`,
        pricing: [
          { meter: "hour", price: { model: "per_unit", unit: "600" } },
          { meter: "call", price: { model: "per_unit", unit: "1" }, holdPerHour: "1200" },
        ],
      },
    },
  );
  for (const [index, { url }] of sink.endpoints.entries()) {
    const events = ["session.started", "session.completed", "session.settled", "tokens.consumed"];
    const { webhook } = await market.must<{ webhook: { secret: string } }>("POST", "/v1/provider/webhooks", {
      bearer: apiKey,
      body: { url, events },
    });
    sink.expect(index, webhook.secret);
  }
  return { id: app.id, apiKey };
}

/** The hard way, all at once, and waits until they are gone. */
async function kill(...pids: number[]): Promise<void> {
  const marks = pids.flatMap((pid) => markOf(pid) ?? []);
  expect(marks).toHaveLength(pids.length);
  for (const { pid } of marks) process.kill(pid, "SIGKILL");
  await until(
    async () => marks.some(isRunning),
    (isAnyLeft) => !isAnyLeft,
  );
}

/** Waits until another session for each buyer was acknowledged as settled. @throws what a buyer failed with. */
async function moreSessions(buyers: Buyer[]): Promise<void> {
  const count = () => buyers.reduce((sum, { acknowledged }) => sum + acknowledged.sessions.length, 0);
  const enough = count() + buyers.length;
  const failed = Promise.race(buyers.map(({ done }) => done));
  await Promise.race([
    failed,
    until(
      async () => count(),
      (now) => now >= enough,
      90_000,
    ),
  ]);
  expect(count()).toBeGreaterThanOrEqual(enough);
}

/** Asks until the answer is good or time is up, and gives the last answer. */
async function until<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean, waitMs = 30_000): Promise<T> {
  const end = Date.now() + waitMs;
  for (;;) {
    const answer = await ask();
    if (isGood(answer) || Date.now() > end) return answer;
    await setTimeout(200);
  }
}
