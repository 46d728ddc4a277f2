// Paying providers: what is payable when, that a crash anywhere pays once, and that no cent is paid twice or lost whatever
// Stripe, the bank and the machine do.

import { env } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DomainError } from "../../../domain/errors.ts";
import { makeScheduledPayouts, sendDuePayouts } from "../../../domain/payouts/run-payouts.ts";
import { requestPayout } from "../../../domain/payouts/request-payout.ts";
import { lastPayoutDay, nextPayoutDay } from "../../../domain/payouts/schedule.ts";
import { GIVE_UP_AFTER_MS, type PayoutsEnv } from "../../../domain/payouts/send-payout.ts";
import { findPayout, listPayouts, readOwed, type Payout } from "../../../domain/payouts/store.ts";
import { booksAreSound } from "../../support/market.ts";
import {
  aPaidApp,
  Crash,
  DAY,
  dyingDb,
  earn,
  faultyTransfers,
  movedTo,
  takeBack,
  type PaidApp,
  type TransferFault,
} from "../../support/payouts.ts";
import { installStripe } from "../../support/stripe.ts";

// The files before this one may have left a clock of their own behind.
vi.useRealTimers();
const stripe = installStripe();
const transfers = faultyTransfers();
const HOUR = 60 * 60 * 1000;
/** A Monday, far enough ahead that whatever is earned before it is later than the app's first price. */
const MONDAY = Date.UTC(2027, 0, 4);
const HOLD = 7 * DAY;

const on = (db: D1Database): PayoutsEnv => ({ ...STRIPE, DB: db });
const STRIPE = {
  ENVIRONMENT: env.ENVIRONMENT,
  STRIPE_SECRET_KEY: env.STRIPE_SECRET_KEY,
  STRIPE_WEBHOOK_SECRET: env.STRIPE_WEBHOOK_SECRET,
  STRIPE_API_BASE: env.STRIPE_API_BASE!,
};
const place = on(env.DB);
const owed = (app: PaidApp, now: number) => readOwed(env.DB, app.id, now - HOLD);
const payoutsOf = (app: PaidApp) => listPayouts(env.DB, { providerId: app.id, before: null, limit: 50 });
const eventsOf = async (app: PaidApp): Promise<string[]> =>
  (
    await env.DB.prepare("SELECT type FROM outbox WHERE provider_id = ? AND type LIKE 'payout.%' ORDER BY type DESC")
      .bind(app.id)
      .all<{ type: string }>()
  ).results.map(({ type }) => type);
const only = async (app: PaidApp): Promise<Payout> => {
  const all = await payoutsOf(app);
  expect(all).toHaveLength(1);
  return all[0]!;
};

// No payout of the test before is left to be sent by this one's cron.
beforeEach(async () => {
  transfers.next = null;
  await stripe.dev("/balance", { cents: null });
  await sendDuePayouts(place, MONDAY + 400 * DAY);
});

describe("what is payable", () => {
  it("is what the provider earned on sessions of others, once the hold days are over", async () => {
    const app = await aPaidApp(stripe);
    await earn(app, 2_000, MONDAY - 8 * DAY);
    await earn(app, 1_000, MONDAY - 6 * DAY);
    await earn(app, 5_000, MONDAY - 20 * DAY, false);
    expect(await owed(app, MONDAY)).toEqual({ payable: 1_600, onHold: 800, inTransit: 0, paid: 0 });
    expect(await owed(app, MONDAY + DAY)).toMatchObject({ payable: 2_400, onHold: 0 });
    await booksAreSound();
  });

  it("is paid on request with each session as a line, and posted when Stripe has moved it", async () => {
    const app = await aPaidApp(stripe);
    await earn(app, 2_000, MONDAY - 8 * DAY);
    await earn(app, 1_000, MONDAY - 7 * DAY);
    await earn(app, 1_000, MONDAY - 7 * DAY + 1);
    const { payout } = await requestPayout(place, app.id, null, MONDAY);
    expect(payout).toMatchObject({ status: "pending", amountCents: 2_400, origin: "request" });
    expect(await owed(app, MONDAY)).toEqual({ payable: 0, onHold: 800, inTransit: 2_400, paid: 0 });
    expect(movedTo(stripe, app.accountId)).toBe(0);
    await sendDuePayouts(place, MONDAY);
    const paid = await findPayout(env.DB, payout.id);
    expect(paid).toMatchObject({ status: "paid", lineCount: 2 });
    expect(await owed(app, MONDAY)).toEqual({ payable: 0, onHold: 800, inTransit: 0, paid: 2_400 });
    expect(movedTo(stripe, app.accountId)).toBe(2_400);
    const posted = await env.DB.prepare("SELECT dr, cr, amount FROM transfers WHERE tx = ?")
      .bind(`payout:${paid!.transferId}`)
      .all();
    expect(posted.results).toEqual([{ dr: `provider:${app.id}`, cr: "stripe_clearing", amount: 2_400 }]);
    expect(await eventsOf(app)).toEqual(["payout.paid"]);
    await booksAreSound();
  });

  it("is not paid below the minimum, twice at once, or without an account", async () => {
    const app = await aPaidApp(stripe);
    await earn(app, 1_248, MONDAY - 8 * DAY);
    await expect(requestPayout(place, app.id, null, MONDAY)).rejects.toMatchObject({
      code: "payout_below_minimum",
      facts: { payableCents: 999, minimumCents: 1_000 },
    });
    await earn(app, 1, MONDAY - 8 * DAY);
    const both = await Promise.allSettled([1, 2].map(() => requestPayout(place, app.id, null, MONDAY)));
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await stripe.dev(`/accounts/${app.accountId}/stage`, { stage: "restricted" });
    await stripe.deliver();
    await expect(requestPayout(place, app.id, null, MONDAY)).rejects.toMatchObject({
      code: "payouts_not_ready",
      facts: { accountStatus: "restricted" },
    });
  });
});

describe("the payout day", () => {
  it("is the weekday that is set, from its first moment on", () => {
    expect(lastPayoutDay(1, MONDAY)).toBe(MONDAY);
    expect(lastPayoutDay(1, MONDAY - 1)).toBe(MONDAY - 7 * DAY);
    expect(lastPayoutDay(7, MONDAY + 3 * HOUR)).toBe(MONDAY - DAY);
    expect(nextPayoutDay(3, MONDAY)).toBe(MONDAY + 2 * DAY);
    expect(nextPayoutDay(1, MONDAY)).toBe(MONDAY + 7 * DAY);
    expect(lastPayoutDay(0, MONDAY)).toBeNull();
  });

  it("pays what was payable when it began, once, and carries the rest to the next one", async () => {
    const app = await aPaidApp(stripe);
    await earn(app, 2_000, MONDAY - HOLD);
    await earn(app, 3_000, MONDAY - HOLD + 1);
    for (const at of [MONDAY + HOUR, MONDAY + 2 * HOUR, MONDAY + 6 * DAY]) {
      await makeScheduledPayouts(place, at);
      await sendDuePayouts(place, at);
    }
    expect((await payoutsOf(app)).map(({ amountCents, status }) => [amountCents, status])).toEqual([[1_600, "paid"]]);
    await makeScheduledPayouts(place, MONDAY + 7 * DAY);
    await sendDuePayouts(place, MONDAY + 7 * DAY);
    expect((await payoutsOf(app)).map(({ amountCents }) => amountCents)).toEqual([2_400, 1_600]);
    await booksAreSound();
  });
});

describe("when Stripe says no", () => {
  it("an account that cannot be paid fails the payout, and what was in it is payable again", async () => {
    const app = await aPaidApp(stripe);
    await earn(app, 2_000, MONDAY - 8 * DAY);
    await requestPayout(place, app.id, null, MONDAY);
    stripe.deliveries.hold();
    await stripe.dev(`/accounts/${app.accountId}/stage`, { stage: "restricted" });
    const { notices } = await sendDuePayouts(place, MONDAY);
    const failed = await only(app);
    expect(failed).toMatchObject({
      status: "failed",
      failureCode: "insufficient_capabilities_for_transfer",
      lineCount: 1,
    });
    expect(notices).toEqual([{ message: "payout failed", payoutId: failed.id, reason: failed.failureCode }]);
    expect(await owed(app, MONDAY)).toMatchObject({ payable: 1_600, inTransit: 0 });
    expect(await eventsOf(app)).toEqual(["payout.failed"]);
    await stripe.deliveries.release("created");
    await booksAreSound();
  });

  it("too little in our own balance waits and tries again with a new key, for three days", async () => {
    const app = await aPaidApp(stripe);
    await earn(app, 2_000, MONDAY - 8 * DAY);
    await requestPayout(place, app.id, null, MONDAY);
    await stripe.dev("/balance", { cents: 1_599 });
    await sendDuePayouts(place, MONDAY);
    expect(await only(app)).toMatchObject({ status: "pending", failureCode: "balance_insufficient" });
    await stripe.dev("/balance", { cents: 1_600 });
    await sendDuePayouts(place, MONDAY + HOUR);
    expect(await only(app)).toMatchObject({ status: "paid", failureCode: null });

    await earn(app, 2_000, MONDAY - 8 * DAY);
    await requestPayout(place, app.id, null, MONDAY + HOUR);
    for (let at = MONDAY + HOUR; at <= MONDAY + HOUR + GIVE_UP_AFTER_MS; at += 12 * HOUR)
      await sendDuePayouts(place, at);
    expect((await payoutsOf(app)).map(({ status }) => status)).toEqual(["failed", "paid"]);
    expect(await owed(app, MONDAY)).toMatchObject({ payable: 1_600, inTransit: 0, paid: 1_600 });
    await booksAreSound();
  });
});

describe("money that comes back", () => {
  it("is owed again, in parts or whole, once each however often it is told, and paid again", async () => {
    const app = await aPaidApp(stripe);
    await earn(app, 2_000, MONDAY - 8 * DAY);
    await requestPayout(place, app.id, null, MONDAY);
    await sendDuePayouts(place, MONDAY);
    const { id, transferId } = await only(app);
    await stripe.dev(`/transfers/${transferId}/reverse`, { amount: 100 });
    await stripe.deliver();
    expect(await findPayout(env.DB, id)).toMatchObject({ status: "paid", reversedCents: 100 });
    expect(await owed(app, MONDAY)).toMatchObject({ payable: 100, paid: 1_500 });
    await stripe.dev(`/transfers/${transferId}/reverse`, {});
    await stripe.deliver();
    for (const event of stripe.world.state.all("event").filter(({ type }) => type === "transfer.reversed"))
      await stripe.deliveries.replay(event.id, 3);
    expect(await findPayout(env.DB, id)).toMatchObject({ status: "reversed", reversedCents: 1_600 });
    expect(await owed(app, MONDAY)).toMatchObject({ payable: 1_600, paid: 0 });
    expect(await eventsOf(app)).toEqual(["payout.paid", "payout.failed", "payout.failed"]);
    // Not before the next payout day by itself: whatever sent it back may send it back again.
    await makeScheduledPayouts(place, MONDAY + HOUR);
    expect(await payoutsOf(app)).toHaveLength(1);
    await makeScheduledPayouts(place, MONDAY + 7 * DAY);
    await sendDuePayouts(place, MONDAY + 7 * DAY);
    expect(await owed(app, MONDAY)).toMatchObject({ payable: 0, paid: 1_600 });
    await booksAreSound();
  });
});

describe("a session that is taken back", () => {
  it("lowers what is payable with its own session, and after it was paid what comes next", async () => {
    const app = await aPaidApp(stripe);
    const young = await earn(app, 2_000, MONDAY - DAY);
    const old = await earn(app, 2_000, MONDAY - 8 * DAY);
    await takeBack(young, 500, MONDAY);
    expect(await owed(app, MONDAY)).toMatchObject({ payable: 1_600, onHold: 1_200 });
    await requestPayout(place, app.id, null, MONDAY);
    await takeBack(old, 1_999, MONDAY);
    await sendDuePayouts(place, MONDAY);
    await takeBack(old, 1, MONDAY + DAY);
    expect(await owed(app, MONDAY + DAY)).toMatchObject({ payable: -1_600, onHold: 1_200, paid: 1_600 });
    await booksAreSound();
    // Carried forward: nothing is paid until newer sessions have made up for it.
    await makeScheduledPayouts(place, MONDAY + 7 * DAY);
    expect(await payoutsOf(app)).toHaveLength(1);
    await earn(app, 2_000, MONDAY + 2 * DAY);
    await makeScheduledPayouts(place, MONDAY + 14 * DAY);
    await sendDuePayouts(place, MONDAY + 14 * DAY);
    expect((await payoutsOf(app))[0]).toMatchObject({ amountCents: 1_200, status: "paid", lineCount: 5 });
    expect(movedTo(stripe, app.accountId)).toBe(2_800);
    await booksAreSound();
  });
});

describe("whatever happens", () => {
  it("a crash before or after any step of a payout ends in one payment", async () => {
    for (const when of ["before", "after"] as const)
      for (let call = 1; call <= 8; call++) {
        const app = await aPaidApp(stripe);
        await earn(app, 2_000, MONDAY - 8 * DAY);
        const dying = on(dyingDb(env.DB, call, when));
        try {
          await requestPayout(dying, app.id, null, MONDAY);
          await sendDuePayouts(dying, MONDAY);
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
        // The longest way back: Stripe has forgotten the key by then.
        forgetTransferKeys();
        await makeScheduledPayouts(place, MONDAY + HOUR);
        await sendDuePayouts(place, MONDAY + HOUR);
        expect(await only(app), `${when} call ${call}`).toMatchObject({ status: "paid", amountCents: 1_600 });
        expect(movedTo(stripe, app.accountId), `${when} call ${call}`).toBe(1_600);
      }
    await booksAreSound();
  });

  type Step =
    | { do: "earn"; tokens: number; isPayable: boolean }
    | { do: "pass"; hours: number }
    | {
        do: "request" | "schedule" | "send";
        fault: TransferFault | null;
        dies: { at: number; when: "before" | "after" } | null;
      }
    | { do: "comeBack" | "takeBack"; part: number }
    | { do: "account"; stage: "complete" | "restricted" }
    | { do: "balance"; cents: number | null }
    | { do: "events"; order: "created" | "reverse" };
  const action = fc.record({
    do: fc.constantFrom("request", "schedule", "send"),
    fault: fc.option(fc.constantFrom<TransferFault>("lost", "busy", "broken", "broken_after"), { freq: 2 }),
    dies: fc.option(fc.record({ at: fc.integer({ min: 1, max: 8 }), when: fc.constantFrom("before", "after") }), {
      freq: 2,
    }),
  });
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant("earn"),
          tokens: fc.integer({ min: 1, max: 9_000 }),
          isPayable: fc.boolean(),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("pass"), hours: fc.integer({ min: 1, max: 24 * 9 }) }) },
      { weight: 6, arbitrary: action },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constantFrom("comeBack", "takeBack"), part: fc.integer({ min: 1, max: 3 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("account"), stage: fc.constantFrom("complete", "restricted") }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("balance"), cents: fc.constantFrom(null, 0, 2_000) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("events"), order: fc.constantFrom("created", "reverse") }) },
    ) as fc.Arbitrary<Step>,
    { minLength: 8, maxLength: 30 },
  );

  it("no cent is paid twice or lost", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const app = await aPaidApp(stripe);
        stripe.deliveries.hold();
        let now = MONDAY;
        let earned = 0;
        const sessions: { id: string; left: number; isPayable: boolean }[] = [];
        for (const step of story) {
          switch (step.do) {
            case "earn":
              sessions.push({ id: await earn(app, step.tokens, now, step.isPayable), left: step.tokens, ...step });
              if (step.isPayable) earned += shareOf(step.tokens);
              break;
            case "pass":
              now += step.hours * HOUR;
              // Stripe forgets keys after a day.
              if (step.hours >= 24) forgetTransferKeys();
              break;
            case "takeBack": {
              const session = sessions[step.part % sessions.length];
              if (!session || session.left === 0) break;
              const tokens = Math.ceil(session.left / step.part);
              await takeBack(session.id, tokens, now);
              if (session.isPayable) earned -= shareOf(session.left) - shareOf(session.left - tokens);
              session.left -= tokens;
              break;
            }
            case "comeBack":
              await comeBack(app, step.part);
              break;
            case "account":
              await stripe.dev(`/accounts/${app.accountId}/stage`, { stage: step.stage });
              break;
            case "balance":
              await stripe.dev("/balance", { cents: step.cents });
              break;
            case "events":
              await stripe.deliveries.release(step.order);
              stripe.deliveries.hold();
              break;
            default:
              transfers.next = step.fault;
              await attempt(step, app, now);
          }
        }
        // Everything heals, and time passes until nothing is due any more.
        transfers.next = null;
        await stripe.dev("/balance", { cents: null });
        await stripe.dev(`/accounts/${app.accountId}/stage`, { stage: "complete" });
        await stripe.deliveries.release("reverse");
        for (let week = 0; week < 3; week++) {
          now += 7 * DAY;
          await sendDuePayouts(place, now);
          await makeScheduledPayouts(place, now);
          await sendDuePayouts(place, now);
          await stripe.deliver();
        }
        const left = await owed(app, now);
        expect(left.inTransit).toBe(0);
        expect(left.onHold).toBe(0);
        expect(left.payable).toBeLessThan(1_000);
        expect(left.paid).toBe(movedTo(stripe, app.accountId));
        expect(left.paid + left.payable).toBe(earned);
        await booksAreSound();
      }),
      { numRuns: 25 },
    );
  });

  const shareOf = (tokens: number): number => tokens - Math.floor(tokens / 5);

  /** One run of a request or of cron, which may die on the way and may be refused. */
  async function attempt(
    step: Step & { do: "request" | "schedule" | "send" },
    app: PaidApp,
    now: number,
  ): Promise<void> {
    const run = step.dies ? on(dyingDb(env.DB, step.dies.at, step.dies.when)) : place;
    try {
      if (step.do === "request") await requestPayout(run, app.id, null, now);
      if (step.do === "schedule") await makeScheduledPayouts(run, now);
      await sendDuePayouts(run, now);
    } catch (error) {
      if (!(error instanceof Crash || error instanceof DomainError)) throw error;
    }
  }

  async function comeBack(app: PaidApp, part: number): Promise<void> {
    const paid = stripe.world.state.all("transfer").find((one) => one.destination === app.accountId && !one.reversed);
    if (!paid) return;
    const left = paid.amount - paid.amount_reversed;
    await stripe.dev(`/transfers/${paid.id}/reverse`, { amount: Math.max(1, Math.floor(left / part)) });
  }

  function forgetTransferKeys(): void {
    for (const { id } of stripe.world.state.all("note.idempotency"))
      if (id.startsWith("transfer:")) stripe.world.state.remove("note.idempotency", id);
  }
});
