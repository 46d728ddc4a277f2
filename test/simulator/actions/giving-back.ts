// Money that goes back: disputes at every stage, refunds that buyers and operators ask for, and sessions people complain
// about.

import type { Dice } from "../dice.ts";
import { Violation, type World } from "../world.ts";
import type { Area } from "./action.ts";

/** What buyers tell their bank, and what the bank says in the end. */
async function dispute(world: World, dice: Dice): Promise<void> {
  const purchase = dice.pick(world.purchases);
  if (!purchase) return;
  const { state } = world.standin.world;
  const intent = state.find("checkout.session", purchase.checkoutId)?.payment_intent;
  const charge = state.all("charge").find((it) => it.payment_intent === intent && it.paid);
  // Nobody disputes what they already have back.
  const left = charge ? charge.amount - charge.amount_refunded : 0;
  if (left === 0) return;
  const step = dice.pick(["inquiry", "opened", "opened", "won", "lost"]);
  const amount = dice.chance(0.3) ? { amount: dice.between(1, left) } : {};
  await world.stripe(`/dispute/${purchase.checkoutId}`, { step, ...amount });
}

async function lift(world: World, dice: Dice): Promise<void> {
  const lost = world.database.read<{ id: string }>("SELECT id FROM disputes WHERE status = 'lost' ORDER BY id");
  if (lost.length === 0) return;
  await world.ask(
    {
      path: `/v1/operator/disputes/${dice.pick(lost).id}/lift`,
      bearer: world.people[0]!.operatorToken,
      body: { reason: "repaid" },
    },
    () => undefined,
  );
}

async function refundAsked(world: World, dice: Dice): Promise<void> {
  const purchase = dice.pick(world.purchases);
  if (!purchase) return;
  const isBuyer = dice.chance(0.6);
  const request = isBuyer
    ? { path: `/v1/tokens/orders/${purchase.orderId}/refund`, bearer: purchase.person.token, body: {} }
    : {
        path: `/v1/operator/orders/${purchase.orderId}/refund`,
        bearer: world.people[0]!.operatorToken,
        body: {
          reason: "kindness",
          ...(dice.chance(0.5) && { tokens: dice.between(0, purchase.tokens) }),
          ...(dice.chance(0.3) && { extraCents: dice.between(0, 50) }),
        },
      };
  await world.ask(request, () => undefined);
}

async function complain(world: World, dice: Dice): Promise<void> {
  const settled = world.runs.filter((run) => run.settled);
  if (settled.length === 0) return;
  const run = dice.pick(settled);
  await world.ask(
    {
      path: `/v1/sessions/${run.id}/problem`,
      bearer: run.person.token,
      body: { category: "other", text: "It did not work." },
    },
    () => undefined,
  );
}

async function decide(world: World, dice: Dice): Promise<void> {
  const open = world.database.read<{ id: string }>("SELECT id FROM complaints WHERE status = 'open' ORDER BY id");
  if (open.length === 0) return;
  const decision = dice.pick(["reverse", "reverse", "refund", "decline"]);
  await world.ask(
    {
      path: `/v1/operator/complaints/${dice.pick(open).id}/decide`,
      bearer: world.people[0]!.operatorToken,
      body: {
        decision,
        answer: "We looked at it.",
        ...(decision !== "decline" && dice.chance(0.5) && { tokens: dice.between(1, 20) }),
      },
    },
    () => undefined,
  );
}

export const givingBack: Area = {
  name: "giving back",
  actions: [
    { name: "dispute", weight: 5, run: dispute },
    { name: "lift", weight: 1, run: lift },
    { name: "ask for a refund", weight: 4, run: refundAsked },
    { name: "complain", weight: 3, run: complain },
    { name: "decide", weight: 3, run: decide },
  ],

  check(world) {
    const unfrozen = world.database.read(
      `SELECT d.id, l.remaining FROM disputes d JOIN orders o ON o.id = d.order_id JOIN lots l ON l.id = o.id
       WHERE d.status = 'open' AND d.amount_cents = o.amount_cents AND l.remaining > 0`,
    );
    if (unfrozen.length > 0) throw new Violation(`disputed and spendable: ${JSON.stringify(unfrozen)}`);
    const more = world.database.read(
      `SELECT r.session_id FROM reversals r JOIN settlements s ON s.session_id = r.session_id
       GROUP BY r.session_id HAVING sum(r.tokens) > s.used_tokens`,
    );
    if (more.length > 0) throw new Violation(`more came back than was charged: ${JSON.stringify(more)}`);
  },

  checkAtEnd(world) {
    const books = new Map(
      world.database
        .read<{ id: string; status: string }>("SELECT id, status FROM disputes")
        .map(({ id, status }) => [id, status]),
    );
    const ofPlans = new Set(world.standin.world.state.all("note.invoice").map(({ intentId }) => intentId));
    for (const { id, status, payment_intent: intent } of world.standin.world.state.all("dispute")) {
      if (ofPlans.has(intent as string)) continue;
      const expected = {
        warning_needs_response: "inquiry",
        warning_closed: "closed",
        needs_response: "open",
        won: "won",
        lost: "lost",
      }[status as string];
      if (books.get(id) !== expected) throw new Violation(`dispute ${id} is ${status}, in the books ${books.get(id)}`);
    }
    const waiting = world.database.read("SELECT id, status FROM refund_requests WHERE status = 'on_its_way'");
    const atTheBank = world.standin.world.state.all("refund").filter(({ status }) => status === "pending").length;
    if (waiting.length > atTheBank) throw new Violation(`refunds that wait for nothing: ${JSON.stringify(waiting)}`);
  },
};
