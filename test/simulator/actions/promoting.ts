// What the platform gives: promotion codes with their limits, trials of new accounts, referrals. And which tokens are drawn
// first, because what is given may expire and what is paid never does.

import type { Dice } from "../dice.ts";
import { Crashed } from "../faults.ts";
import { aPerson, setUp, type Person } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import { perWorld, type Area } from "./action.ts";
import { order } from "./buying.ts";

const HOUR_MS = 60 * 60 * 1000;
const TRIAL = { tokens: 70, days: 2 };
const REFERRAL = { tokens: 40, waitDays: 1, minTokens: 250 };
const PEOPLE_MAX = 5;

interface Code {
  code: string;
  discountBasisPoints: number;
  bonusTokens: number;
  bonusDays: number;
  usesMax: number;
  usesPerPersonMax: number;
  startsAt: number;
  endsAt: number;
  stopHeardAt: number | null;
}
interface Lot {
  id: string;
  walletId: string;
  kind: "paid" | "promo";
  priority: number;
  remaining: number;
  expiresAt: number | null;
  createdAt: number;
}
const kept = perWorld(() => ({ codes: [] as Code[], newcomers: [] as Person[], lots: [] as Lot[], holds: 0 }));

async function makeCode(world: World, dice: Dice): Promise<void> {
  const isDiscount = dice.chance(0.5);
  const made = {
    code: `CODE-${world.newKey().toUpperCase()}`,
    discountBasisPoints: isDiscount ? dice.pick([333, 1_000]) : 0,
    bonusTokens: isDiscount ? 0 : dice.pick([1, 50]),
    bonusDays: dice.pick([1, 180]),
    usesMax: dice.pick([1, 2, 5]),
    usesPerPersonMax: dice.pick([1, 1, 2]),
  };
  const [startsAt, endsAt] = [world.now, world.now + dice.pick([1, 30, 300]) * HOUR_MS];
  // Known from when it was asked for: somebody may try it before its maker hears that it is there.
  kept(world).codes.push({ ...made, startsAt, endsAt, stopHeardAt: null });
  const body = { ...made, tokensMin: 1_000, startsAt: iso(startsAt), endsAt: iso(endsAt) };
  await world.ask({ path: "/v1/operator/promotions", bearer: world.people[0]!.operatorToken, body }, () => undefined);
}

const iso = (at: number): string => new Date(at).toISOString();

async function stopCode(world: World, dice: Dice): Promise<void> {
  const { codes } = kept(world);
  if (codes.length === 0) return;
  const code = dice.pick(codes);
  await world.ask(
    { path: `/v1/operator/promotions/${code.code}/stop`, bearer: world.people[0]!.operatorToken, body: {} },
    ({ status }) => {
      if (status === 200) code.stopHeardAt ??= world.now;
    },
  );
}

async function buyWithCode(world: World, dice: Dice): Promise<void> {
  const { codes } = kept(world);
  if (codes.length === 0) return makeCode(world, dice);
  const [person, { code }] = [dice.pick(world.people), dice.pick(codes)];
  const before = world.purchases.length;
  await order(world, person, dice.pick([1_000, 1_001, 3_333]), { promotionCode: code });
  const purchase = world.purchases[before];
  if (!purchase || !dice.chance(0.75)) return;
  const body = dice.chance(0.2) ? { method: "us_bank_account" } : { card: "4242424242424242" };
  await world.stripe(`/checkout/${purchase.checkoutId}/pay`, body);
}

async function leavePage(world: World, dice: Dice): Promise<void> {
  const open = world.purchases.filter(
    ({ checkoutId }) => world.standin.world.state.find("checkout.session", checkoutId)?.status === "open",
  );
  if (open.length > 0) await world.stripe(`/checkout/${dice.pick(open).checkoutId}/expire`);
}

export async function somebodyNew(world: World): Promise<void> {
  if (world.people.length >= PEOPLE_MAX) return;
  try {
    const person = await world.faults.untilCrash(aPerson(world, 100 + Number(world.newKey().slice(4))));
    world.people.push(person);
    kept(world).newcomers.push(person);
  } catch (error) {
    // Whoever heard nothing comes no more.
    if (error instanceof Crashed || !world.faults.hasStruck) throw error;
  }
}

async function bring(world: World, dice: Dice): Promise<void> {
  const [friend, person] = [dice.pick(world.people), dice.pick(world.people)];
  const { body } = await world.call<{ code?: string }>("GET", "/v1/referrals", await friend.token());
  if (body?.code)
    await world.ask({ path: "/v1/referrals", bearer: person.token, body: { code: body.code } }, () => undefined);
}

interface CodeOrder {
  id: string;
  userId: string;
  code: string;
  tokens: number;
  cents: number;
  createdAt: number;
  paidAt: number | null;
  bonuses: string;
}
const CODE_ORDERS = `SELECT o.id, o.user_id AS userId, p.code, o.tokens, o.amount_cents AS cents, o.created_at AS createdAt,
    o.paid_at AS paidAt, (SELECT json_group_array(json_array(tokens, expires_at)) FROM issuances WHERE id = 'promo:' || o.id) AS bonuses
  FROM order_promotions p JOIN orders o ON o.id = p.order_id`;

function checkCodes(world: World): void {
  const orders = world.database.read<CodeOrder>(CODE_ORDERS);
  for (const code of kept(world).codes) {
    const say = (what: string): never => {
      throw new Violation(`code ${code.code}: ${what}`);
    };
    const theirs = orders.filter((it) => it.code === code.code);
    const paid = theirs.filter(({ paidAt }) => paidAt !== null);
    if (paid.length > code.usesMax) say(`paid with ${paid.length} times, at most ${code.usesMax}`);
    for (const [userId, { length }] of Map.groupBy(paid, (it) => it.userId))
      if (length > code.usesPerPersonMax) say(`used ${length} times by ${userId}, at most ${code.usesPerPersonMax}`);
    for (const { id, tokens, cents, createdAt, paidAt, bonuses } of theirs) {
      if (createdAt < code.startsAt || createdAt >= Math.min(code.endsAt, (code.stopHeardAt ?? Infinity) + 1))
        say(`taken for order ${id} when it was not valid`);
      // Rounded up to a cent, for the platform.
      const byHand = Math.ceil((tokens * (10_000 - code.discountBasisPoints)) / 10_000);
      if (cents !== byHand) say(`order ${id} costs ${cents}, by hand ${byHand}`);
      const due =
        paidAt === null || code.bonusTokens === 0 ? [] : [[code.bonusTokens, paidAt + code.bonusDays * 24 * HOUR_MS]];
      if (bonuses !== JSON.stringify(due)) say(`order ${id} brought ${bonuses}, due ${JSON.stringify(due)}`);
      if (paidAt !== null && !world.seen.has(id)) world.count("paid with a code");
      if (paidAt !== null) world.seen.add(id);
    }
  }
}

interface Reward {
  referred: string;
  referrer: string;
  claimedAt: number;
  rewardedAt: number | null;
  lots: number;
  earliestPaidAt: number | null;
  stands: number;
}
const REWARDS = `SELECT r.referred_user_id AS referred, r.referrer_user_id AS referrer, r.claimed_at AS claimedAt, r.rewarded_at AS rewardedAt,
    (SELECT count(*) FROM issuances WHERE source = 'referral' AND lot_id LIKE 'referral:' || r.referred_user_id || ':%' AND tokens = ${REFERRAL.tokens}) AS lots,
    (SELECT min(paid_at) FROM orders WHERE user_id = r.referred_user_id) AS earliestPaidAt,
    EXISTS (SELECT 1 FROM orders o JOIN lots l ON l.id = o.id WHERE o.user_id = r.referred_user_id AND o.tokens >= ${REFERRAL.minTokens}
      AND (o.paid_at <= r.rewarded_at - ${REFERRAL.waitDays * 24 * HOUR_MS} OR l.spent = l.issued)
      AND NOT EXISTS (SELECT 1 FROM refunds f WHERE f.order_id = o.id AND f.at <= r.rewarded_at AND coalesce(f.undone_at, r.rewarded_at + 1) > r.rewarded_at)) AS stands
  FROM referrals r`;

function checkGifts(world: World): void {
  for (const person of kept(world).newcomers) {
    const [trial] = world.database.read<{ n: number; tokens: number }>(
      "SELECT count(*) AS n, coalesce(sum(tokens), 0) AS tokens FROM issuances WHERE wallet_id = ? AND source = 'trial'",
      person.walletId,
    );
    if (trial!.n !== 1 || trial!.tokens !== TRIAL.tokens)
      throw new Violation(`person ${person.index} got ${trial!.n} trials of ${trial!.tokens} tokens`);
  }
  for (const reward of world.database.read<Reward>(REWARDS)) {
    const say = (what: string): never => {
      throw new Violation(`referral of ${reward.referred}: ${what}`);
    };
    if (reward.referred === reward.referrer) say("by oneself");
    if (reward.earliestPaidAt !== null && reward.earliestPaidAt < reward.claimedAt)
      say("claimed after the first purchase");
    if (reward.lots !== (reward.rewardedAt === null ? 0 : 2)) say(`${reward.lots} rewards`);
    if (reward.rewardedAt === null) continue;
    if (!world.seen.has(reward.referred)) {
      world.count("referral rewarded");
      if (reward.stands === 0) say("rewarded, and no purchase had stood for its time");
    }
    world.seen.add(reward.referred);
  }
}

const LOTS = `SELECT id, wallet_id AS walletId, kind, priority, remaining, expires_at AS expiresAt, created_at AS createdAt
  FROM lots ORDER BY id`;
const drawOrder = (a: Lot, b: Lot): number =>
  a.priority - b.priority ||
  (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity) ||
  Number(a.kind === "paid") - Number(b.kind === "paid") ||
  a.createdAt - b.createdAt ||
  (a.id < b.id ? -1 : 1);

/** A hold of this step, if it is the only thing that happened to its wallet, against the slow way to draw it. */
function checkDraws(world: World): void {
  const state = kept(world);
  const before = state.lots;
  state.lots = world.database.read<Lot>(LOTS).map((lot) => ({ ...lot }));
  const forever = state.lots.find(({ kind, expiresAt }) => kind === "paid" && expiresAt !== null);
  if (forever) throw new Violation(`paid tokens that expire: ${JSON.stringify(forever)}`);
  const holds = world.database.read<{ id: string; walletId: string; tokens: number; at: number }>(
    "SELECT id, wallet_id AS walletId, tokens, at FROM holds ORDER BY at, id",
  );
  const isOnly = holds.length === state.holds + 1;
  const hold = holds.find(({ id }) => !world.seen.has(`hold ${id}`));
  for (const { id } of holds) world.seen.add(`hold ${id}`);
  state.holds = holds.length;
  if (!isOnly || !hold) return;
  const now = new Map(state.lots.map(({ id, remaining }) => [id, remaining]));
  const theirs = before.filter(({ walletId }) => walletId === hold.walletId);
  const sum = (lots: readonly { remaining: number }[]) => lots.reduce((all, { remaining }) => all + remaining, 0);
  if (sum(theirs) - sum(theirs.map(({ id }) => ({ remaining: now.get(id)! }))) !== hold.tokens) return;
  let left = hold.tokens;
  for (const lot of theirs.filter(({ expiresAt }) => expiresAt === null || expiresAt > hold.at).toSorted(drawOrder)) {
    const drawn = Math.min(left, lot.remaining);
    left -= drawn;
    if (now.get(lot.id) !== lot.remaining - drawn)
      throw new Violation(`hold ${hold.id} left ${now.get(lot.id)} in lot ${lot.id}, by hand ${lot.remaining - drawn}`);
  }
  world.count("hold drawn by hand");
}

export const promoting: Area = {
  name: "promoting",
  actions: [
    { name: "make code", weight: 3, run: makeCode },
    { name: "stop code", weight: 1, run: stopCode },
    { name: "buy with code", weight: 8, run: buyWithCode },
    { name: "leave page", weight: 3, run: leavePage },
    { name: "somebody new", weight: 2, run: somebodyNew },
    { name: "bring a friend", weight: 3, run: bring },
  ],

  async prepare(world) {
    await setUp(world, {
      trialTokens: TRIAL.tokens,
      trialDays: TRIAL.days,
      referralTokens: REFERRAL.tokens,
      referralWaitDays: REFERRAL.waitDays,
      referralMinTokens: REFERRAL.minTokens,
    });
  },

  check(world) {
    checkCodes(world);
    checkGifts(world);
    checkDraws(world);
  },

  checkAtEnd(world) {
    // What came back from a session has a week of grace.
    const over = world.database.read(
      "SELECT id, remaining FROM lots WHERE remaining > 0 AND expires_at <= ?",
      world.now - HOUR_MS,
    );
    if (over.length > 0) throw new Violation(`expired and not written off: ${JSON.stringify(over)}`);
    const owed = world.database.read(
      `SELECT p.order_id AS id FROM order_promotions p JOIN orders o ON o.id = p.order_id
       WHERE p.released = 0 AND o.status IN ('expired', 'failed') UNION ALL
       SELECT p.order_id FROM order_promotions p JOIN orders o ON o.id = p.order_id WHERE p.released = 1 AND o.paid_at IS NOT NULL`,
    );
    if (owed.length > 0) throw new Violation(`uses of codes that do not go with their orders: ${JSON.stringify(owed)}`);
  },
};
