// Monthly plans from month to month: begun on Stripe's page, renewed, refused by the bank, paid back, ended and gone on with
// after all. What a month includes is looked at in subscribing.ts; here, for whom and when.

import type Stripe from "stripe";
import type { Dice } from "../dice.ts";
import type { App } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import { perWorld, type Area } from "./action.ts";
import { ownerToken } from "./pricing.ts";
import { visit } from "./using.ts";

const FEE_BASIS_POINTS = 2_000;
/** Longer than between two looks at a subscription nobody told of (domain/subscriptions/reconcile.ts). */
const LOOKED_AT = 7 * 60 * 60;
/** A month that is to be renewed can be used so much longer until the next one is paid. */
const RENEWAL_MS = 2 * 60 * 60 * 1000;

interface Plan {
  id: string;
  app: App;
  monthCents: number;
  includedTokens: number;
}
const plansOf = perWorld<Plan[]>(() => []);
const pagesOf = perWorld<string[]>(() => []);

async function offer(world: World, dice: Dice, app: App): Promise<void> {
  const terms = { monthCents: dice.pick([100, 333, 990]), includedTokens: dice.pick([10, 60, 500]) };
  await world.ask<{ plan?: { id: string } }>(
    {
      path: `/v1/provider/apps/${app.id}/plans`,
      bearer: () => ownerToken(world, app),
      body: { name: "Monthly", ...terms },
    },
    ({ status, body }) => {
      if (status === 201 && !plansOf(world).some(({ id }) => id === body.plan!.id))
        plansOf(world).push({ id: body.plan!.id, app, ...terms });
    },
  );
}

async function subscribe(world: World, dice: Dice): Promise<void> {
  const [person, plans] = [dice.pick(world.people), plansOf(world)];
  if (plans.length === 0) return;
  await world.ask<{ checkoutUrl?: string }>(
    { path: "/v1/subscriptions", bearer: person.token, body: { planId: dice.pick(plans).id } },
    ({ status, body }) => {
      const page = status === 200 ? /cs_\w+/.exec(body.checkoutUrl!)?.[0] : undefined;
      if (page) pagesOf(world).push(page);
    },
  );
  if (dice.chance(0.8)) await payPage(world, dice, pagesOf(world).at(-1));
}

async function payPage(world: World, dice: Dice, page = dice.pick(pagesOf(world))): Promise<void> {
  if (page) await world.stripe(`/checkout/${page}/pay`, { card: dice.pick(["4242424242424242", "4000000000000002"]) });
}

const living = (world: World): Stripe.Subscription[] =>
  world.standin.world.state.all("subscription").filter(({ status }) => status !== "canceled");

/** The month is over: Stripe charges for the next, or ends it. */
async function monthEnds(world: World, dice: Dice): Promise<void> {
  const theirs = living(world);
  if (theirs.length === 0) return;
  const subscription = dice.pick(theirs);
  const end = subscription.items.data[0]!.current_period_end * 1000;
  if (subscription.status === "active" && world.now < end) {
    // What Stripe keeps is looked up for some days back: nobody runs without a cron for a month.
    await world.cron("17 * * * *");
    // Nor with one that fails all the while.
    if (world.faults.hasStruck) return;
    world.jump((end - world.now) / 1000);
  }
  const answer = dice.pick(["succeeds", "succeeds", "declines"]);
  await world.stripe(`/bank/${subscription.default_payment_method as string}`, { answer });
  await world.stripe(`/renew/${subscription.id}`);
}

async function change(world: World, dice: Dice): Promise<void> {
  const person = dice.pick(world.people);
  const { body } = await world.call<{ subscriptions?: { id: string; status: string }[] }>(
    "GET",
    "/v1/subscriptions",
    await person.token(),
  );
  const one = body?.subscriptions?.find(({ status }) => status !== "ended");
  if (!one) return;
  const verb = dice.pick(["cancel", "cancel", "resume"]);
  await world.ask({ path: `/v1/subscriptions/${one.id}/${verb}`, bearer: person.token, body: {} }, () => undefined);
}

async function goBack(world: World, dice: Dice): Promise<void> {
  const paid = invoices(world).flatMap(({ intentId }) => intentId ?? []);
  if (paid.length === 0) return;
  const intent = dice.pick(paid);
  if (dice.chance(0.5))
    await world.stripe("/refund", { payment_intent: intent, ...(dice.chance(0.5) && { amount: 50 }) });
  else await world.stripe(`/dispute/${intent}`, { step: dice.pick(["opened", "won", "lost"]) });
}

async function use(world: World, dice: Dice): Promise<void> {
  const plans = plansOf(world);
  if (plans.length > 0) await visit(world, dice, dice.pick(world.people), dice.pick(plans).app);
}

/** What Stripe took for plans, by invoice. */
function invoices(world: World): { id: string; cents: number; subscriptionId: string; intentId: string | null }[] {
  const { state } = world.standin.world;
  return state
    .all("invoice")
    .filter(({ status }) => status === "paid")
    .map(({ id, amount_paid: cents, parent }) => ({
      id,
      cents,
      subscriptionId: parent!.subscription_details!.subscription as string,
      intentId: state.find("note.invoice", id)?.intentId ?? null,
    }));
}

interface Payment {
  id: string;
  stripeId: string;
  cents: number;
  granted: number;
  used: number;
  from: number;
  until: number;
  fee: number;
  share: number;
  planId: string;
  drawn: number;
}
const PAYMENTS = `SELECT p.id, s.stripe_id AS stripeId, p.paid_cents AS cents, p.granted_tokens AS granted, p.used_tokens AS used,
    p.term_from AS "from", p.term_until AS until, p.fee_cents AS fee, p.share_cents AS share, s.plan_id AS planId,
    (SELECT coalesce(sum(used_tokens), 0) FROM plan_reservations WHERE payment_id = p.id)
      + (SELECT coalesce(sum(tokens), 0) FROM included_uses WHERE payment_id = p.id) AS drawn
  FROM plan_payments p JOIN subscriptions s ON s.id = p.subscription_id`;

interface Use {
  sessionId: string;
  at: number;
  from: number;
  until: number;
  isOwn: number;
  /** When a later month was booked. */
  nextAt: number | null;
}
const USES = `SELECT r.session_id AS sessionId, r.at, p.term_from AS "from", p.term_until AS until,
    n.user_id = s.user_id AND n.provider_id = s.provider_id AS isOwn,
    (SELECT min(l.at) FROM plan_payments l WHERE l.subscription_id = s.id AND l.term_until > p.term_until) AS nextAt
  FROM plan_reservations r JOIN plan_payments p ON p.id = r.payment_id JOIN subscriptions s ON s.id = p.subscription_id
    JOIN sessions n ON n.id = r.session_id`;

function checkPlans(world: World): void {
  const taken = new Map(invoices(world).map((invoice) => [invoice.id, invoice]));
  for (const payment of world.database.read<Payment>(PAYMENTS)) {
    const say = (what: string): never => {
      throw new Violation(`plan payment ${payment.id}: ${what}`);
    };
    const invoice = taken.get(payment.id);
    const plan = plansOf(world).find(({ id }) => id === payment.planId);
    if (invoice?.cents !== payment.cents) say(`${payment.cents} in the books, Stripe took ${invoice?.cents}`);
    if (invoice?.subscriptionId !== payment.stripeId) say("of another subscription");
    if (plan && (payment.cents !== plan.monthCents || payment.granted !== plan.includedTokens))
      say("not as it was offered");
    // The fee is rounded down.
    const fee = Math.floor((payment.cents * FEE_BASIS_POINTS) / 10_000);
    if (payment.fee !== fee || payment.share !== payment.cents - fee) say(`fee ${payment.fee}, by hand ${fee}`);
    if (payment.used !== payment.drawn || payment.used > payment.granted)
      say(`${payment.used} used of ${payment.granted}, sessions drew ${payment.drawn}`);
    if (!world.seen.has(payment.id)) world.count("plan paid");
    world.seen.add(payment.id);
  }
  for (const use of world.database.read<Use>(USES)) {
    // While the next bill is on its way.
    const isOver =
      use.at >= use.until && (use.at >= use.until + RENEWAL_MS || (use.nextAt !== null && use.nextAt < use.at));
    if (use.isOwn === 0 || use.at < use.from || isOver)
      throw new Violation(`included in a plan and should not be: ${JSON.stringify(use)}`);
    if (!world.seen.has(`use ${use.sessionId}`)) world.count("included use");
    world.seen.add(`use ${use.sessionId}`);
  }
}

export const renewing: Area = {
  name: "renewing",
  actions: [
    { name: "offer plan", weight: 1, run: (world, dice) => offer(world, dice, dice.pick(world.apps)) },
    { name: "subscribe", weight: 6, run: subscribe },
    { name: "pay plan", weight: 1, run: (world, dice) => payPage(world, dice) },
    { name: "month ends", weight: 4, run: monthEnds },
    { name: "change plan", weight: 3, run: change },
    { name: "plan money goes back", weight: 2, run: goBack },
    { name: "use with plan", weight: 6, run: use },
  ],

  async prepare(world, dice) {
    await offer(world, dice, dice.pick(world.apps));
  },

  check: checkPlans,

  async checkAtEnd(world) {
    // Looked at every few hours, also where every event was lost.
    await world.pass(LOOKED_AT);
    await world.cron("* * * * *");
    await world.finishWork();
    const posted = new Set(world.database.read<{ id: string }>("SELECT id FROM plan_payments").map(({ id }) => id));
    for (const { id } of invoices(world))
      if (!posted.has(id)) throw new Violation(`invoice ${id} was paid and is not in the books`);
    const known = new Map(
      world.database
        .read<{ id: string; status: string }>(
          "SELECT stripe_id AS id, status FROM subscriptions WHERE stripe_id IS NOT NULL",
        )
        .map(({ id, status }) => [id, status]),
    );
    for (const { id, status } of world.standin.world.state.all("subscription"))
      if (known.get(id) !== (status === "canceled" ? "ended" : status))
        throw new Violation(`subscription ${id} is ${status}, in the books ${known.get(id)}`);
    checkPlans(world);
  },
};
