// Tokens that buy themselves: standing orders of people whose card is kept, a bank that says no or asks for them, cards that
// go away, and a process that dies around every charge.

import type Stripe from "stripe";
import type { Dice } from "../dice.ts";
import { Crashed } from "../faults.ts";
import { hearEverything, type Person } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import { perWorld, type Area } from "./action.ts";
import { order, takenFor } from "./buying.ts";
import { visit } from "./using.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const FAILURES_MAX = 3;

/** What a person set, and from when to when it may have come into force. */
interface Wish {
  person: Person;
  enabled: boolean;
  topUpTokens: number;
  dayMaxTokens: number;
  sentAt: number;
  heardAt: number | null;
}
const wishesOf = perWorld<Wish[]>(() => []);

async function keepACard(world: World, person: Person): Promise<void> {
  const before = world.purchases.length;
  await order(world, person, 100, { saveCard: true });
  const purchase = world.purchases[before];
  if (!purchase) return;
  await world.stripe(`/checkout/${purchase.checkoutId}/pay`, { card: "4242424242424242" });
}

async function setTopUp(world: World, dice: Dice, person: Person, enabled: boolean): Promise<void> {
  const topUpTokens = dice.pick([100, 300, 1_000]);
  const dayMaxTokens = topUpTokens * dice.pick([1, 2, 5]);
  const wish: Wish = { person, enabled, topUpTokens, dayMaxTokens, sentAt: world.now, heardAt: null };
  wishesOf(world).push(wish);
  const body = {
    enabled,
    // So much that every use is reason enough.
    thresholdTokens: dice.pick([300, 20_000, 20_000, 20_000]),
    topUpTokens,
    dayMaxTokens,
    monthMaxTokens: dayMaxTokens * 3,
  };
  await world.ask({ method: "PUT", path: "/v1/me/top-up", bearer: person.token, body }, ({ status }) => {
    wish.heardAt = world.now;
    // Refused when it was asked again, it may have been in force before.
    if (status >= 400 && world.now === wish.sentAt) wish.enabled = false;
  });
}

async function runLow(world: World, dice: Dice): Promise<void> {
  const wanted = wishesOf(world).filter(({ enabled }) => enabled);
  const person = wanted.length > 0 && dice.chance(0.8) ? dice.pick(wanted).person : dice.pick(world.people);
  await visit(world, dice, person);
  if (dice.chance(0.3)) await world.pass(dice.pick([60, 700, 1_000, 4_000]));
}

/** As for whoever has a page open; the minute's cron looks too. */
async function look(world: World): Promise<void> {
  try {
    await world.faults.untilCrash(world.worker.topUp(world.env, world.now));
  } catch (error) {
    if (error instanceof Crashed || !world.faults.hasStruck) throw error;
  }
}

const cards = (world: World): Stripe.PaymentMethod[] =>
  world.standin.world.state.all("payment_method").filter(({ customer }) => customer !== null);

async function bankSays(world: World, dice: Dice): Promise<void> {
  const kept = cards(world);
  if (kept.length === 0) return;
  await world.stripe(`/bank/${dice.pick(kept).id}`, { answer: dice.pick(["succeeds", "declines", "wants_person"]) });
}

async function removeCard(world: World, dice: Dice): Promise<void> {
  const person = dice.pick(world.people);
  const { body } = await world.call<{ cards?: { id: string }[] }>("GET", "/v1/tokens/cards", await person.token());
  const [card] = body?.cards ?? [];
  if (card) await world.call("DELETE", `/v1/tokens/cards/${card.id}`, await person.token(), undefined, world.newKey());
}

/** Who was asked by their bank finds the page and pays there, or does not. */
async function payByHand(world: World, dice: Dice): Promise<void> {
  const person = dice.pick(world.people);
  const { body } = await world.call<{ attempts?: { checkoutUrl: string | null }[] }>(
    "GET",
    "/v1/me/top-up",
    await person.token(),
  );
  const url = body?.attempts?.find(({ checkoutUrl }) => checkoutUrl)?.checkoutUrl;
  if (!url) return;
  const card = dice.pick(["4242424242424242", "4242424242424242", "4000000000000002"]);
  await world.stripe(`/checkout/${/cs_\w+/.exec(url)![0]}/pay`, { card });
}

interface Firing {
  id: string;
  userId: string;
  orderId: string;
  tokens: number;
  cents: number;
  state: string;
  at: number;
  checkoutId: string | null;
  paidAt: number | null;
}
const FIRINGS = `SELECT f.id, f.user_id AS userId, f.order_id AS orderId, f.tokens, f.amount_cents AS cents, f.state, f.at,
    o.checkout_id AS checkoutId, o.paid_at AS paidAt FROM top_up_firings f JOIN orders o ON o.id = f.order_id ORDER BY f.at, f.id`;

/** What may have been in force for a person at a moment. */
function inForce(world: World, person: Person, at: number): Wish[] {
  const theirs = wishesOf(world).filter((wish) => wish.person === person && wish.sentAt <= at);
  const isOver = ({ heardAt }: Wish): boolean =>
    heardAt !== null && theirs.some((later) => later.sentAt > heardAt && (later.heardAt ?? Infinity) < at);
  return theirs.filter((wish) => !isOver(wish));
}

/** A sign of the person in the quarter of an hour before, and the two minutes a clock runs on without one: something they
 * or their page did in a running session. */
const wasThere = (world: World, person: Person, at: number): boolean =>
  world.runs.some(
    (run) =>
      run.person === person &&
      [...run.maybe.filter(({ by }) => by !== "provider").map((done) => done.at), run.startedAt ?? -1].some(
        (sign) => sign <= at && at - sign <= 17 * MINUTE_MS,
      ),
  );

function checkPerson(world: World, person: Person, firings: readonly Firing[]): void {
  const say = (firing: Firing, what: string): never => {
    throw new Violation(`top-up ${firing.id} of person ${person.index}: ${what}`);
  };
  let failures = 0;
  for (const [index, firing] of firings.entries()) {
    const before = firings[index - 1];
    const wishes = inForce(world, person, firing.at);
    if (!wishes.some(({ enabled, topUpTokens }) => enabled && topUpTokens === firing.tokens))
      say(firing, `${firing.tokens} tokens, which the person did not want then`);
    if (before && firing.at - before.at < 10 * MINUTE_MS) say(firing, "sooner than ten minutes after the one before");
    if (!wasThere(world, person, firing.at)) say(firing, "nobody had used anything for a quarter of an hour");
    const day = Math.floor(firing.at / DAY_MS);
    const bought = firings
      .slice(0, index + 1)
      .filter(({ at, state }) => Math.floor(at / DAY_MS) === day && state === "paid")
      .reduce((sum, { tokens }) => sum + tokens, 0);
    const most = Math.max(...wishes.map(({ dayMaxTokens }) => dayMaxTokens));
    if (firing.state === "paid" && bought > most) say(firing, `${bought} tokens in a day, at most ${most} were wanted`);
    const isNew = wishesOf(world).some(
      (wish) => wish.person === person && before && (wish.heardAt ?? Infinity) >= before.at && wish.sentAt <= firing.at,
    );
    if (isNew) failures = 0;
    if (failures >= FAILURES_MAX) say(firing, `after ${failures} that failed`);
    failures = firing.state === "paid" ? 0 : firing.state === "in_flight" ? failures : failures + 1;
  }
}

const charges = (world: World): Stripe.PaymentIntent[] =>
  world.standin.world.state.all("payment_intent").filter(({ metadata }) => metadata.top_up);

function checkTopUps(world: World): void {
  const firings = world.database.read<Firing>(FIRINGS);
  const taken = new Set<string>();
  for (const { id, status, metadata, amount } of charges(world)) {
    const firing = firings.find((it) => it.id === metadata.top_up);
    if (!firing || firing.cents !== amount || firing.orderId !== metadata.order_id)
      throw new Violation(`payment ${id} of ${amount} was charged for no top-up`);
    if (status !== "succeeded") continue;
    if (taken.has(firing.id)) throw new Violation(`top-up ${firing.id} was charged twice`);
    taken.add(firing.id);
    if (firing.checkoutId?.startsWith("cs_") && takenFor(world, firing.checkoutId) !== null)
      throw new Violation(`top-up ${firing.id} was charged, and paid by hand`);
  }
  for (const person of world.people)
    checkPerson(
      world,
      person,
      firings.filter(({ userId }) => userId === person.userId),
    );
  for (const { id, state } of firings) {
    if (!world.seen.has(`${id} ${state}`)) world.count(`top-up ${state}`);
    world.seen.add(`${id} ${state}`);
  }
}

export const toppingUp: Area = {
  name: "topping up",
  actions: [
    { name: "run low", weight: 7, run: runLow },
    { name: "look who ran low", weight: 7, run: look },
    {
      name: "set top-up",
      weight: 3,
      run: (world, dice) => setTopUp(world, dice, dice.pick(world.people), dice.chance(0.8)),
    },
    { name: "bank says", weight: 3, run: bankSays },
    { name: "pay by hand", weight: 3, run: payByHand },
    { name: "keep a card", weight: 1, run: (world, dice) => keepACard(world, dice.pick(world.people)) },
    { name: "remove card", weight: 1, run: removeCard },
  ],

  async prepare(world, dice) {
    for (const person of world.people.slice(0, 2)) {
      await keepACard(world, person);
      await hearEverything(world);
      await setTopUp(world, dice, person, true);
    }
  },

  check: checkTopUps,

  checkAtEnd(world) {
    const firings = new Map(world.database.read<Firing>(FIRINGS).map((firing) => [firing.id, firing]));
    for (const { id, status, metadata } of charges(world))
      if (status === "succeeded" && firings.get(metadata.top_up!)?.paidAt === null)
        throw new Violation(`payment ${id} of a top-up was taken and never credited`);
    for (const { id, state, paidAt } of firings.values())
      if (state === "in_flight" || (state === "asked" && paidAt !== null))
        throw new Violation(`top-up ${id} is ${state} although all is over`);
  },
};
