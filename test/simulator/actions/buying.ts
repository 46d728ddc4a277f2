// Tokens are bought and refunded, and Stripe tells of it late, twice, in another order, or not at all.

import { newId } from "../../../domain/ids.ts";
import { isAlreadyPosted, issueStatement } from "../../../domain/ledger/store.ts";
import type { Dice } from "../dice.ts";
import { Crashed } from "../faults.ts";
import type { Person } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import type { Area } from "./action.ts";

const CARDS = ["4242424242424242", "4242424242424242", "4242424242424242", "4000000000000002"];
/** Longer ago than this an event that never came is no longer asked for (domain/payments/stripe-events.ts). */
const CAUGHT_UP_MS = 3 * 60 * 60 * 1000;

async function buy(world: World, dice: Dice): Promise<void> {
  await order(world, dice.pick(world.people), dice.pick([100, 250, 1_000, 5_000]));
  if (dice.chance(0.8)) await pay(world, dice, -1);
}

/** A page at Stripe is opened for a person. `more` is what else the request says. */
export async function order(world: World, person: Person, tokens: number, more: object = {}): Promise<void> {
  await world.ask<{ checkoutUrl: string; orderId: string }>(
    { path: "/v1/tokens/purchase", bearer: person.token, body: { tokenAmount: tokens, ...more } },
    ({ status, body }) => {
      const checkoutId = status === 200 ? /cs_\w+/.exec(body.checkoutUrl)?.[0] : undefined;
      if (!checkoutId) return;
      if (!world.purchases.some(({ orderId }) => orderId === body.orderId))
        world.purchases.push({ person, orderId: body.orderId, checkoutId, tokens });
    },
  );
}

async function pay(world: World, dice: Dice, which = dice.below(100)): Promise<void> {
  const purchase = which === -1 ? world.purchases.at(-1) : world.purchases[which % (world.purchases.length || 1)];
  if (!purchase) return;
  const body = dice.chance(0.15) ? { method: "us_bank_account" } : { card: dice.pick(CARDS) };
  await world.stripe(`/checkout/${purchase.checkoutId}/pay`, body);
  if (dice.chance(0.4)) await comeBack(world, dice, purchase.orderId);
}

/** The buyer's page asks what became of it. */
async function comeBack(world: World, dice: Dice, orderId?: string): Promise<void> {
  const purchase = orderId ? world.purchases.find((it) => it.orderId === orderId) : dice.pick(world.purchases);
  if (!purchase) return;
  await world.call("GET", `/v1/tokens/orders/${purchase.orderId}`, await purchase.person.token());
}

async function bank(world: World, dice: Dice): Promise<void> {
  const purchase = dice.pick(world.purchases);
  if (!purchase) return;
  await world.stripe(`/checkout/${purchase.checkoutId}/settle`, { outcome: dice.chance(0.7) ? "succeeded" : "failed" });
}

async function refund(world: World, dice: Dice): Promise<void> {
  const purchase = dice.pick(world.purchases);
  if (!purchase) return;
  const amount = dice.chance(0.5) ? { amount: dice.between(1, purchase.tokens) } : {};
  const status = dice.chance(0.2) ? "pending" : "succeeded";
  await world.stripe("/refund", { checkout: purchase.checkoutId, ...amount, status });
}

/** Days later the bank hands the money back. */
async function refundFails(world: World, dice: Dice): Promise<void> {
  const refunds = world.standin.world.state.all("refund");
  if (refunds.length > 0) await world.stripe(`/refund/${dice.pick(refunds).id}/fail`);
}

/** Nothing of what Stripe wants to say arrives, and it gives up. */
function lose(world: World): void {
  for (const { id } of world.standin.world.state.all("note.delivery"))
    world.standin.world.state.remove("note.delivery", id);
}

/** Some of what waits at Stripe arrives: any of it, perhaps twice, perhaps never. */
async function hear(world: World, dice: Dice): Promise<void> {
  for (let left = dice.between(1, 4); left > 0; left--) {
    const waiting = world.standin.world.state.all("note.delivery");
    if (waiting.length === 0) return;
    const { id } = dice.pick(waiting);
    const fate = dice.below(10);
    if (fate === 0) world.standin.world.state.remove("note.delivery", id);
    else await deliver(world, id, fate === 1 ? 2 : 1);
  }
}

async function deliver(world: World, id: string, times: number): Promise<void> {
  const statuses = await world.faults.untilCrash(world.standin.deliveries.replay(id, times));
  if (statuses.some((status) => status >= 200 && status < 300)) world.standin.world.state.remove("note.delivery", id);
}

/** A gift, which may expire. Given again under the same id when its answer is lost. */
async function give(world: World, dice: Dice): Promise<void> {
  const person = dice.pick(world.people);
  const expiresAt = dice.chance(0.5) ? world.now + dice.between(1, 72) * 3_600_000 : null;
  const gift = {
    id: `promo:${newId(world.now)}`,
    lotId: newId(world.now),
    walletId: person.walletId,
    kind: "promo" as const,
    tokens: dice.pick([50, 120, 300]),
    paidCents: 0,
    expiresAt,
    at: world.now,
  };
  const again = async (): Promise<void> => {
    try {
      await world.faults.untilCrash(issueStatement(world.env.DB, gift).run());
    } catch (error) {
      if (isAlreadyPosted(error)) return;
      world.unanswered.push({ what: "gift", again });
      if (error instanceof Crashed) throw error;
    }
  };
  await again();
}

interface OrderRow {
  id: string;
  checkoutId: string | null;
  tokens: number;
  amount: number;
  paidAt: number | null;
  issued: number;
  times: number;
}

const ORDERS = `SELECT o.id, o.checkout_id AS checkoutId, o.tokens, o.amount_cents AS amount, o.paid_at AS paidAt,
    (SELECT coalesce(sum(i.tokens), 0) FROM issuances i WHERE i.lot_id = o.id) AS issued,
    (SELECT count(*) FROM issuances i WHERE i.lot_id = o.id) AS times
  FROM orders o`;

/** Cents, by the page or by a charge without one. */
export function takenFor(world: World, id: string): number | null {
  const { state } = world.standin.world;
  if (id.startsWith("pi_")) return state.find("payment_intent", id)?.amount_received ?? null;
  const page = state.find("checkout.session", id);
  return page?.payment_status === "paid" ? page.amount_total : null;
}

/** Of purchases, and of plans (`plan_refund:<Stripe's id>`). */
const REFUNDS = `SELECT id, undone_at AS undone FROM refunds UNION ALL
  SELECT substr(r.id, 13), u.at FROM plan_reversals r
  LEFT JOIN plan_reversals u ON u.id = 'plan_refund_undone:' || substr(r.id, 13) WHERE r.id LIKE 'plan_refund:%'`;

export const buying: Area = {
  name: "buying",
  actions: [
    { name: "buy", weight: 7, run: buy },
    { name: "pay", weight: 3, run: pay },
    { name: "come back", weight: 3, run: comeBack },
    { name: "bank", weight: 2, run: bank },
    { name: "refund", weight: 5, run: refund },
    { name: "refund fails", weight: 2, run: refundFails },
    { name: "lose", weight: 2, run: lose },
    { name: "hear", weight: 10, run: hear },
    { name: "give", weight: 3, run: give },
  ].map((action) => ({ ...action, run: async (world, dice) => void (await action.run(world, dice)) })),

  check(world) {
    const orders = world.database.read("SELECT id FROM orders WHERE source <> 'top_up'").length;
    const asked = world.asked.get("/v1/tokens/purchase") ?? 0;
    if (orders > asked) throw new Violation(`${orders} orders for ${asked} purchases`);
    const late = world.database.read(
      `SELECT h.id FROM hold_draws d JOIN holds h ON h.id = d.hold_id JOIN lots l ON l.id = d.lot_id
       WHERE l.expires_at <= h.at`,
    );
    if (late.length > 0) throw new Violation(`drawn from tokens that had expired: ${JSON.stringify(late)}`);
    for (const order of world.database.read<OrderRow>(ORDERS)) {
      if (order.times > 1) throw new Violation(`order ${order.id} was credited ${order.times} times`);
      if ((order.paidAt !== null) !== (order.times === 1))
        throw new Violation(`order ${order.id} is ${order.paidAt ? "paid and not credited" : "credited and not paid"}`);
      if (order.paidAt === null) continue;
      const taken = takenFor(world, order.checkoutId!);
      if (taken !== order.amount)
        throw new Violation(`order ${order.id} of ${order.amount} was credited, and Stripe took ${taken}`);
      if (order.issued < order.tokens) throw new Violation(`order ${order.id} got ${order.issued} of ${order.tokens}`);
    }
  },

  checkAtEnd(world) {
    const orders = new Map(world.database.read<OrderRow>(ORDERS).map((order) => [order.id, order]));
    for (const { orderId, checkoutId } of world.purchases) {
      const page = world.standin.world.state.find("checkout.session", checkoutId);
      if (page?.payment_status === "paid" && !orders.get(orderId)?.paidAt)
        throw new Violation(`order ${orderId} was paid and never credited`);
    }
    const [clearing] = world.database.read<{ balance: number }>(
      "SELECT debits - credits AS balance FROM accounts WHERE id = 'stripe_clearing'",
    );
    const { state } = world.standin.world;
    // What Stripe keeps for itself is posted by the hourly look at its list.
    const owed = state.all("balance_transaction").reduce((sum, { net }) => sum + net, 0);
    if (clearing!.balance !== owed)
      throw new Violation(`Stripe owes us ${owed} cents, the books say ${clearing!.balance}`);
    const posted = new Map(
      world.database.read<{ id: string; undone: number | null }>(REFUNDS).map(({ id, undone }) => [id, undone]),
    );
    for (const { id, status } of world.standin.world.state.all("refund")) {
      const stands = status === "succeeded" || status === "pending";
      if (stands ? posted.get(id) !== null : typeof posted.get(id) !== "number" && posted.has(id))
        throw new Violation(`refund ${id} is ${status} at Stripe and ${JSON.stringify(posted.get(id))} in the books`);
    }
  },
};

/** At the end Stripe has said everything: what it gave up on is asked for, unless that was too long ago. */
export async function hearAll(world: World): Promise<void> {
  const { state } = world.standin.world;
  for (const { id, created } of state.all("event"))
    if (!state.find("note.delivery", id) && world.now - created * 1000 > CAUGHT_UP_MS) await deliver(world, id, 1);
  for (const { id } of state.all("note.delivery")) await deliver(world, id, 1);
}
