// What the platform gives: trials to new accounts, and both sides of a referral. Off until somebody turns them on.

import { env } from "cloudflare:test";
import { beforeEach, expect, it } from "vitest";
import { rewardReferrals } from "../../../domain/referrals/referrals.ts";
import type { Settings } from "../../../domain/settings/definitions.ts";
import { anApp, balanceOf, booksAreSound, call, create } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe } from "../../support/stripe.ts";

const stripe = installStripe();
const DAY = 24 * 60 * 60 * 1000;
const OFF = { trialTokens: 0, referralTokens: 0 };

let operator: TestPerson;
async function turn(settings: Partial<Settings>): Promise<void> {
  operator ??= await newPerson({ role: "operator" });
  expect((await call("PUT", "/v1/operator/settings", operator.token, { settings })).status).toBe(200);
}
beforeEach(() => turn(OFF));

const available = async (person: TestPerson) => (await balanceOf(person)).available;
const codeOf = async (person: TestPerson) =>
  (await call<{ code: string }>("GET", "/v1/referrals", person.token)).body.code;
const enter = (person: TestPerson, code: string, headers = {}) =>
  call<{ code: string; tokens: number }>("POST", "/v1/referrals", person.token, { code }, headers);
async function buy(person: TestPerson, tokenAmount: number): Promise<string> {
  const { body } = await call<{ checkoutUrl: string }>("POST", "/v1/tokens/purchase", person.token, { tokenAmount });
  await stripe.pay(body.checkoutUrl);
  return checkoutIdOf(body.checkoutUrl);
}
/** Somebody who was referred, and by whom. */
async function referred(): Promise<[ada: TestPerson, ben: TestPerson]> {
  await turn({ referralTokens: 200, referralMinTokens: 1_000, referralWaitDays: 60 });
  const [ada, ben] = [await newPerson(), await newPerson()];
  const answer = await enter(ben, (await codeOf(ada)).toLowerCase());
  expect(answer).toMatchObject({ status: 200, body: { tokens: 200 } });
  return [ada, ben];
}

it("gives a trial to accounts made while it is on, as promotional tokens that expire", async () => {
  expect(await available(await newPerson())).toBe(0);
  await turn({ trialTokens: 150, trialDays: 10 });
  const person = await newPerson();
  const { body } = await call<{ balance: number; nextExpiry: { tokens: number; at: string } }>(
    "GET",
    "/v1/tokens/balance",
    person.token,
  );
  expect(body).toMatchObject({ balance: 150, nextExpiry: { tokens: 150 } });
  expect(Math.round((Date.parse(body.nextExpiry.at) - Date.now()) / DAY)).toBe(10);
  await turn({ trialTokens: null as never });
  expect(await available(await newPerson())).toBe(0);
  await booksAreSound();
});

it("rewards both sides once, when the purchase has stood as long as was agreed", async () => {
  const [ada, ben] = await referred();
  await buy(ben, 1_000);
  // What was agreed at the time counts, not what the settings say now.
  await turn({ referralTokens: 5, referralWaitDays: 1 });
  await rewardReferrals(env.DB, Date.now() + 59 * DAY);
  expect(await available(ada)).toBe(0);
  await rewardReferrals(env.DB, Date.now() + 61 * DAY);
  await rewardReferrals(env.DB, Date.now() + 62 * DAY);
  expect([await available(ada), await available(ben)]).toEqual([200, 1_200]);
  expect((await call("GET", "/v1/referrals", ada.token)).body).toMatchObject({ rewarded: 1, earnedTokens: 200 });
  await booksAreSound();
});

it("rewards at once when the purchase was used up in a settled session", async () => {
  const [ada, ben] = await referred();
  await buy(ben, 1_000);
  const app = await anApp([{ meter: "minute", price: { model: "flat", amount: "1000" } }]);
  const { body } = await create(ben, app, 10);
  await rewardReferrals(env.DB, Date.now());
  expect(await available(ada)).toBe(0);
  const launch = new URL(body.session.redirectUrl).searchParams.get("marketplace_session")!;
  await call("POST", "/v1/provider/sessions/sync", launch, { action: "start", nonce: crypto.randomUUID() });
  const ended = await call("POST", `/v1/sessions/${body.session.id}/complete`, ben.token);
  expect(ended).toMatchObject({ status: 200, body: { session: { tokensConsumed: 1_000 } } });
  await rewardReferrals(env.DB, Date.now());
  expect([await available(ada), await available(ben)]).toEqual([200, 200]);
});

it("rewards nobody for a purchase that is too small, was given back or is disputed, or is being looked at", async () => {
  const later = Date.now() + 90 * DAY;
  const [ada, ben] = await referred();
  await buy(ben, 999);
  await rewardReferrals(env.DB, later);
  const checkout = await buy(ben, 2_000);
  await stripe.dev("/refund", { checkout, amount: 500 });
  await stripe.deliver();
  await rewardReferrals(env.DB, later);
  await stripe.dev(`/dispute/${await buy(ben, 2_000)}`, { step: "opened" });
  await stripe.deliver();
  await rewardReferrals(env.DB, later);
  await buy(ben, 2_000);
  await env.DB.prepare("UPDATE referrals SET held_reason = 'same card' WHERE referred_user_id = ?")
    .bind(ben.userId)
    .run();
  await rewardReferrals(env.DB, later);
  expect(await available(ada)).toBe(0);
  await env.DB.prepare("UPDATE referrals SET held_reason = NULL WHERE referred_user_id = ?").bind(ben.userId).run();
  await rewardReferrals(env.DB, later);
  expect(await available(ada)).toBe(200);
});

it("waits for an operator where it looks like a farm, and is rewarded or not as they decide", async () => {
  const operator = await newPerson({ role: "operator" });
  const [[ada, ben], [cid, dan]] = [await referred(), await referred()];
  await buy(ben, 2_000);
  await buy(dan, 2_000);
  await env.DB.batch(
    [
      [ada, ben],
      [dan, cid],
    ].map(([one, other]) =>
      env.DB.prepare("INSERT INTO new_account_links VALUES (?, ?, 'card', 1)").bind(one!.userId, other!.userId),
    ),
  );
  const later = Date.now() + 61 * 24 * 60 * 60 * 1000;
  await rewardReferrals(env.DB, later);
  expect([await available(ada), await available(cid)]).toEqual([0, 0]);
  const { body } = await call<{ referrals: { referredUserId: string }[] }>(
    "GET",
    "/v1/operator/referrals",
    operator.token,
  );
  // Claimed in the same moment, they come in any order.
  const held = [ben, dan].map(({ userId }) => body.referrals.find(({ referredUserId }) => referredUserId === userId));
  expect(held).toMatchObject(
    [
      [ada, ben],
      [cid, dan],
    ].map(([referrer, person]) => ({
      heldReason: "linked_accounts",
      referredEmail: person!.email,
      referrerEmail: referrer!.email,
      broughtPeople: 1,
      links: [{ userId: referrer!.userId, email: referrer!.email, isReferrer: true, by: "card" }],
    })),
  );
  const decide = (id: string, decision: string) =>
    call("POST", `/v1/operator/referrals/${id}/decide`, operator.token, { decision, reason: "Looked" });
  expect((await decide(ben.userId, "release")).status).toBe(200);
  expect((await decide(dan.userId, "decline")).status).toBe(200);
  expect((await decide(dan.userId, "release")).status).toBe(404);
  await rewardReferrals(env.DB, later);
  await rewardReferrals(env.DB, later);
  expect([await available(ada), await available(cid)]).toEqual([200, 0]);
});

it("takes a code once, of somebody else, before the first purchase, and only while referrals are on", async () => {
  const [ada, ben] = await referred();
  const adasCode = await codeOf(ada);
  const refused = { status: 422, body: { code: "referral_not_possible" } };
  expect(await enter(ben, adasCode)).toMatchObject(refused);
  expect(await enter(ada, adasCode)).toMatchObject(refused);
  expect(await enter(await newPerson(), "NOSUCH")).toMatchObject(refused);
  const buyer = await newPerson();
  await buy(buyer, 100);
  expect(await enter(buyer, adasCode)).toMatchObject(refused);
  const [eve, key] = [await newPerson(), { "Idempotency-Key": crypto.randomUUID() }];
  const first = await enter(eve, adasCode, key);
  expect((await enter(eve, adasCode, key)).body).toEqual(first.body);
  await turn(OFF);
  expect(await enter(await newPerson(), adasCode)).toMatchObject(refused);
  expect((await call("GET", "/v1/referrals", ada.token)).body).toEqual({ enabled: false });
});
