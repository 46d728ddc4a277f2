// Reviews of apps and the truth card: only paid use counts, and what is shown follows from what happened.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { measureTruthCards, TRUTH_MIN_SESSIONS } from "../../domain/reviews/truth.ts";
import type { TruthCard } from "../../domain/reviews/truth.ts";
import {
  anApp,
  aPerson,
  call,
  freshToken,
  passSeconds,
  started,
  useVirtualClock,
  work,
  type Person,
  type TestApp,
} from "../support/market.ts";
import { newPerson } from "../support/people.ts";

let app: TestApp;
let begin = Date.UTC(2030, 3, 1);
beforeEach(async () => {
  useVirtualClock((begin += 200 * 24 * 60 * 60 * 1000));
  app = await anApp(600);
});
afterEach(() => void vi.useRealTimers());

async function use(person: Person, seconds = 60): Promise<string> {
  const session = await started({ ...person, token: await freshToken(person) }, app, 5);
  await work(session, seconds);
  await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
  return session.id;
}
const write = async (person: Person, body: unknown) =>
  call<{ review: { id: string }; code: string }>(
    "POST",
    `/v1/providers/${app.id}/reviews`,
    await freshToken(person),
    body,
  );
const shown = async () =>
  (
    await call<{ average: number | null; count: number; stars: number[]; reviews: Record<string, unknown>[] }>(
      "GET",
      `/v1/providers/${app.id}/reviews`,
      null,
    )
  ).body;
const owner = () => freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });

describe("a review", () => {
  it("is refused without a settled session that cost something, and welcome after one", async () => {
    const person = await aPerson(1_000);
    expect(await write(person, { rating: 5 })).toMatchObject({ status: 422, body: { code: "review_needs_session" } });
    await use(person);
    expect(await write(person, { rating: 5, text: "  Wrote my letter.  " })).toMatchObject({
      status: 200,
      body: { review: { rating: 5, text: "Wrote my letter.", sessions: 1 } },
    });
    expect(await shown()).toMatchObject({ average: 5, count: 1, stars: [0, 0, 0, 0, 1] });
  });

  it("is one a person: writing again rewrites it, and the catalogue's figure follows", async () => {
    const [ada, ben] = [await aPerson(1_000), await aPerson(1_000)];
    await use(ada);
    await use(ben);
    await write(ada, { rating: 1 });
    await write(ben, { rating: 4 });
    await write(ada, { rating: 3, text: "Better now." });
    expect(await shown()).toMatchObject({ average: 3.5, count: 2, stars: [0, 0, 1, 1, 0] });
    const { body } = await call<{ provider: { rating: number; ratingCount: number } }>(
      "GET",
      `/v1/providers/${app.id}`,
      null,
    );
    expect(body.provider).toMatchObject({ rating: 3.5, ratingCount: 2 });
    await call("DELETE", `/v1/providers/${app.id}/reviews/mine`, await freshToken(ada));
    expect(await shown()).toMatchObject({ average: 4, count: 1 });
  });

  it("is answered by the owner alone, and hidden by an operator with a reason its writer reads", async () => {
    const person = await aPerson(1_000);
    await use(person);
    const { id } = (await write(person, { rating: 2, text: "Slow." })).body.review;
    const path = `/v1/provider/reviews/${id}/answer`;
    expect((await call("POST", path, await freshToken(person), { text: "No." })).status).toBe(404);
    expect(await call("POST", path, await owner(), { text: "Mended today." })).toMatchObject({ status: 200 });
    expect((await shown()).reviews).toMatchObject([{ text: "Slow.", answer: "Mended today." }]);
    const operator = await newPerson({ role: "operator" });
    const visibility = `/v1/operator/app-reviews/${id}/visibility`;
    expect((await call("POST", visibility, await freshToken(person), { hiddenReason: "x" })).status).toBe(403);
    const token = await freshToken(operator, "operator");
    expect((await call("POST", visibility, token, { hiddenReason: "Names a person." })).status).toBe(200);
    expect(await shown()).toMatchObject({ average: null, count: 0, reviews: [] });
    const mine = await call("GET", `/v1/providers/${app.id}/reviews/mine`, await freshToken(person));
    expect(mine.body).toMatchObject({ mayReview: true, hiddenReason: "Names a person." });
  });

  it("never comes from the owner: use of one's own app gives no right to it", async () => {
    const person = await aPerson(1_000);
    await env.DB.prepare("UPDATE providers SET owner_user_id = ? WHERE id = ?").bind(person.userId, app.id).run();
    await use(person);
    expect((await write(person, { rating: 5 })).status).toBe(422);
  });
});

describe("the truth card", () => {
  const card = async () => (await call<{ truth: TruthCard }>("GET", `/v1/providers/${app.id}/truth`, null)).body.truth;

  it("counts what happened, and shows no rate that rests on too few sessions", async () => {
    const person = await aPerson(100_000);
    for (let n = 0; n < 3; n++) await use(person);
    passSeconds(600);
    await measureTruthCards(env.DB, Date.now());
    expect(await card()).toMatchObject({
      startSuccess: { count: 3, of: 3, rate: null },
      handshakeP95Ms: null,
      completion: { count: 3, of: 3, rate: null },
    });
    for (let n = 3; n < TRUTH_MIN_SESSIONS; n++) await use(person);
    const failed = await started({ ...person, token: await freshToken(person) }, app, 5);
    await call("POST", `/v1/provider/sessions/sync`, app.key, {
      action: "complete",
      sessionId: failed.id,
      reason: "provider_error",
    });
    await call("POST", "/v1/sessions/create", await freshToken(person), { providerId: app.id, durationMinutes: 5 });
    passSeconds(600);
    await measureTruthCards(env.DB, Date.now());
    const truth = await card();
    expect(truth.startSuccess).toMatchObject({ count: 11, of: 12 });
    expect(truth.startSuccess.rate).toBeCloseTo(11 / 12);
    expect(truth.completion).toMatchObject({ count: 10, of: 11 });
    expect(truth.providerErrors).toMatchObject({ count: 1, of: 11 });
    expect(truth.handshakeP95Ms).toBe(0);
    expect(truth.priceChanges).toEqual({ count: 0, lastAt: null });
  });
});
