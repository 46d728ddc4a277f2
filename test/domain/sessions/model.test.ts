// The whole of money and sessions against a small pure reference: random histories of purchases, starts, beats, reports,
// extensions, ends and refunds are run through the real Worker, D1 and objects, and after every step wallet, lots and
// sessions must be what the reference says.

import { env } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newId } from "../../../domain/ids.ts";
import { issueStatement, withdrawStatement } from "../../../domain/ledger/store.ts";
import {
  aPerson,
  anApp,
  booksAreSound,
  call,
  create,
  freshToken,
  launchTokenOf,
  passSeconds,
  ring,
  sync,
  useVirtualClock,
  type Person,
  type TestApp,
} from "../../support/market.ts";
import type { PriceComponent } from "../../../domain/pricing/components.ts";

beforeEach(() => useVirtualClock());
afterEach(() => void vi.useRealTimers());

/** 360 tokens an hour (one every ten seconds) and 5 a scene, at most 12 scenes an hour: easy to price by hand. */
const PRICING: PriceComponent[] = [
  { meter: "hour", price: { model: "per_unit", unit: "360" } },
  { meter: "scene", price: { model: "per_unit", unit: "5" }, holdPerHour: 12 },
];
const holdOf = (minutes: number) => minutes * 6 + Math.ceil(minutes / 5) * 5;
const scenesOf = (minutes: number) => Math.ceil(minutes / 5);

const FUNDS = [0, 100, 300, 1_000];
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("buy" as const), tokens: fc.constantFrom(100, 250, 1_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("promote" as const), tokens: fc.constantFrom(50, 120) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("create" as const), minutes: fc.constantFrom(5, 20, 60) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("use" as const),
      which: fc.nat(9),
      seconds: fc.integer({ min: 1, max: 29 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("report" as const),
      which: fc.nat(9),
      scenes: fc.integer({ min: 1, max: 4 }),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("extend" as const), which: fc.nat(9), minutes: fc.constantFrom(5, 30) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("end" as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fail" as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refund" as const), tokens: fc.constantFrom(30, 400) }) },
);
type StepOf = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Lot {
  id: string;
  promo: boolean;
  left: number;
}
interface Open {
  id: string;
  token: string;
  minutes: number;
  seconds: number;
  scenes: number;
  /** What was drawn from which lot, in order. */
  drawn: { lot: Lot; tokens: number }[];
}

/** The reference: a list of lots, a list of open sessions, and sums. */
class Reference {
  lots: Lot[] = [];
  open: Open[] = [];
  get available(): number {
    return this.lots.reduce((sum, lot) => sum + lot.left, 0);
  }
  get held(): number {
    return this.open.reduce((sum, session) => sum + session.drawn.reduce((part, draw) => part + draw.tokens, 0), 0);
  }
  draw(session: Open, tokens: number): boolean {
    if (tokens > this.available) return false;
    let rest = tokens;
    // Promotional first, then the older.
    for (const lot of [...this.lots.filter((it) => it.promo), ...this.lots.filter((it) => !it.promo)]) {
      const taken = Math.min(lot.left, rest);
      lot.left -= taken;
      rest -= taken;
      if (taken > 0) session.drawn.push({ lot, tokens: taken });
    }
    return true;
  }
  settle(session: Open, used: number): void {
    this.open = this.open.filter((it) => it !== session);
    const byLot = new Map<Lot, number>();
    for (const { lot, tokens } of session.drawn) byLot.set(lot, (byLot.get(lot) ?? 0) + tokens);
    let rest = used;
    for (const [lot, tokens] of byLot) {
      const spent = Math.min(tokens, rest);
      rest -= spent;
      lot.left += tokens - spent;
    }
  }
}

async function perform(order: StepOf, person: Person, app: TestApp, reference: Reference): Promise<void> {
  const now = Date.now();
  const pick =
    "which" in order && reference.open.length > 0 ? reference.open[order.which % reference.open.length]! : null;
  switch (order.do) {
    case "buy":
    case "promote": {
      // Of two lots of one kind the older is drawn first, so no two of them may be equally old.
      const boughtAt = now - 1_000_000 + reference.lots.length;
      const lot = { id: newId(now), promo: order.do === "promote", left: order.tokens };
      const kind = lot.promo ? "promo" : "paid";
      await issueStatement(env.DB, {
        id: `${order.do}:${lot.id}`,
        lotId: lot.id,
        walletId: person.walletId,
        kind,
        tokens: order.tokens,
        paidCents: lot.promo ? 0 : order.tokens,
        at: boughtAt,
      }).run();
      reference.lots.push(lot);
      return;
    }
    case "create": {
      const made = await create(person, app, order.minutes);
      const session: Open = { id: "", token: "", minutes: order.minutes, seconds: 0, scenes: 0, drawn: [] };
      expect(made.status).toBe(reference.draw(session, holdOf(order.minutes)) ? 200 : 402);
      if (made.status !== 200) return;
      const begun = await sync(launchTokenOf(made.body.session.redirectUrl), {
        action: "start",
        nonce: `nonce-${made.body.session.id}`,
      });
      reference.open.push({ ...session, id: made.body.session.id, token: begun.body.sessionToken });
      // The others' clocks go on meanwhile only by what "use" lets pass.
      return;
    }
    case "use":
      passSeconds(order.seconds);
      // `finish` puts another list in its place, so this one does not change under the loop.
      for (const session of reference.open) {
        await sync(session.token, { action: "heartbeat", active: true });
        session.seconds = Math.min(session.seconds + order.seconds, session.minutes * 60);
        if (session.seconds === session.minutes * 60) await finish(session, reference);
      }
      return;
    case "report": {
      if (!pick) return;
      const record = { sessionId: pick.id, meter: "scene", units: order.scenes, idempotencyKey: newId(now) };
      const fits = pick.scenes + order.scenes <= scenesOf(pick.minutes);
      const answers = await Promise.all(
        Array.from({ length: order.twice ? 2 : 1 }, () => call("POST", "/v1/provider/tokens/report", app.key, record)),
      );
      for (const answer of answers) expect(answer.status).toBe(fits ? 200 : 402);
      if (fits) pick.scenes += order.scenes;
      return;
    }
    case "extend": {
      if (!pick) return;
      const minutes = pick.minutes + order.minutes;
      const allowed = reference.draw(pick, holdOf(minutes) - holdOf(pick.minutes));
      const answer = await call("POST", `/v1/sessions/${pick.id}/extend`, person.token, { minutes: order.minutes });
      expect(answer.status).toBe(allowed ? 200 : 402);
      if (allowed) pick.minutes = minutes;
      return;
    }
    case "end":
      if (!pick) return;
      await sync(app.key, { action: "complete", sessionId: pick.id, final: true });
      reference.settle(pick, used(pick));
      return;
    case "fail":
      if (!pick) return;
      await sync(app.key, { action: "complete", sessionId: pick.id, reason: "provider_error" });
      reference.settle(pick, 0);
      return;
    case "refund": {
      const lot = reference.lots.find((it) => !it.promo);
      if (!lot) return;
      const outcome = await withdrawStatement(env.DB, {
        id: `refund:${newId(now)}`,
        lotId: lot.id,
        kind: "refund",
        tokens: order.tokens,
        at: now,
      })
        .run()
        .then(
          () => true,
          () => false,
        );
      expect(outcome).toBe(order.tokens <= lot.left);
      if (outcome) lot.left -= order.tokens;
    }
  }
}

const used = (session: Open): number => Math.ceil(session.seconds / 10 + session.scenes * 5);

/** Its time ran out: reports may come for 15 s more, then the alarm settles. */
async function finish(session: Open, reference: Reference): Promise<void> {
  await call("POST", "/v1/provider/sessions/sync", session.token, { action: "complete" });
  await ring(session.id);
  const settled = await env.DB.prepare("SELECT settled_at FROM sessions WHERE id = ?")
    .bind(session.id)
    .first<{ settled_at: number | null }>();
  if (settled!.settled_at === null)
    await env.SESSIONS.getByName(session.id).end({ sessionId: session.id, by: "operator" }, "admin_ended", true);
  reference.settle(session, used(session));
}

it("never diverges from the reference over random histories", { timeout: 120_000 }, async () => {
  const app = await anApp(PRICING);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FUNDS),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (funds, steps) => {
        const person = await aPerson(0);
        const reference = new Reference();
        if (funds > 0) await perform({ do: "buy", tokens: funds as 100 }, person, app, reference);
        for (const order of steps) {
          person.token = await freshToken(person);
          await perform(order, person, app, reference);
          const wallet = await env.DB.prepare("SELECT available, held FROM wallets WHERE id = ?")
            .bind(person.walletId)
            .first();
          expect(wallet).toEqual({ available: reference.available, held: reference.held });
          const { results } = await env.DB.prepare("SELECT id, remaining FROM lots WHERE wallet_id = ? ORDER BY id")
            .bind(person.walletId)
            .all<{ id: string; remaining: number }>();
          expect(Object.fromEntries(results.map((row) => [row.id, row.remaining]))).toEqual(
            Object.fromEntries(reference.lots.map((lot) => [lot.id, lot.left])),
          );
        }
        const sum = await env.DB.prepare(
          "SELECT coalesce(sum(amount), 0) AS total FROM wallet_entries WHERE wallet_id = ?",
        )
          .bind(person.walletId)
          .first<{ total: number }>();
        expect(sum!.total).toBe(reference.available);
      },
    ),
    { numRuns: 25 },
  );
  await booksAreSound();
});
