// What people are recommended, through the API: from settled use, with figures, and gone once dismissed.

import { env } from "cloudflare:test";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { EMBEDDED_MODEL } from "../../domain/discovery/encoder/encoder.ts";
import { packVector } from "../../domain/discovery/vector.ts";
import { countUsedTogether } from "../../domain/recommendations/count-pairs.ts";
import { costWith } from "../../domain/recommendations/recommend.ts";
import { PEOPLE_MIN } from "../../domain/recommendations/store.ts";
import { insertPlan } from "../../domain/subscriptions/store.ts";
import { catalogueIndex } from "../../workers/catalogue-index.ts";
import {
  anApp,
  call,
  freshToken,
  started,
  useVirtualClock,
  work,
  type Person,
  type TestApp,
} from "../support/market.ts";
import { newPerson } from "../support/people.ts";

interface Recommendation {
  id: string;
  kind: string;
  provider: { id: string };
  because: Record<string, unknown>;
}
const recommended = async (person: Person, after?: string): Promise<Recommendation[]> =>
  (
    await call<{ recommendations: Recommendation[] }>(
      "GET",
      `/v1/recommendations${after ? `?after=${after}` : ""}`,
      await freshToken(person),
    )
  ).body.recommendations;
const use = async (person: Person, app: TestApp, seconds = 60): Promise<void> => {
  const session = await started({ ...person, token: await freshToken(person) }, app, 30);
  await work(session, seconds);
  await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
};

const aPerson = (tokens: number): Promise<Person> => newPerson({ tokens });
let people: Person[];
let [desk, spell, rare]: TestApp[] = [];
beforeAll(async () => {
  useVirtualClock(Date.UTC(2031, 4, 1));
  [desk, spell, rare] = await Promise.all([anApp(600), anApp(600), anApp(600)]);
  people = await Promise.all(Array.from({ length: PEOPLE_MIN + 2 }, () => aPerson(10_000)));
  for (const [index, person] of people.entries()) {
    await use(person, desk!);
    if (index < PEOPLE_MIN) await use(person, spell!);
    if (index < PEOPLE_MIN - 1) await use(person, rare!);
  }
  await countUsedTogether(env.DB, Date.now());
});
afterAll(() => void vi.useRealTimers());

it("names what people use together, how many of how many, and no app that too few do", async () => {
  const last = people.at(-1)!;
  const found = await recommended(last);
  expect(found).toMatchObject([
    {
      id: `together:${spell!.id}`,
      kind: "together",
      provider: { id: spell!.id },
      because: { appId: desk!.id, appName: "AI Writer Pro", people: PEOPLE_MIN, of: PEOPLE_MIN + 2 },
    },
  ]);
  expect(await recommended(last, spell!.id)).toEqual([]);
  expect(await recommended(await aPerson(100))).toEqual([]);
});

it("leaves out apps of one's own, and people who deleted their account", async () => {
  await env.DB.prepare("UPDATE providers SET owner_user_id = ?1 WHERE id = ?2")
    .bind(people.at(-1)!.userId, spell!.id)
    .run();
  expect(await recommended(people.at(-1)!)).toEqual([]);
  await env.DB.prepare("UPDATE providers SET owner_user_id = ?1 WHERE id = ?2")
    .bind(spell!.ownerUserId, spell!.id)
    .run();
  expect(await recommended(people.at(-1)!)).toHaveLength(1);
  // One of five leaves: the pair is below the least number within a day, although nobody uses the app again.
  await env.DB.prepare("DELETE FROM users WHERE id = ?").bind(people[0]!.userId).run();
  vi.setSystemTime(Date.now() + 25 * 60 * 60 * 1000);
  await countUsedTogether(env.DB, Date.now());
  expect(await recommended(people.at(-1)!)).toEqual([]);
});

it("names an app that says the same and would have cost less for the very sessions, and keeps quiet once dismissed", async () => {
  const person = await aPerson(10_000);
  const cheap = await anApp(120);
  await use(person, desk!, 600);
  const index = catalogueIndex(env);
  const missing = await index.withoutVector(EMBEDDED_MODEL, 100);
  const vector = packVector(new Float32Array(512).fill(1 / Math.sqrt(512))).buffer;
  await index.addVectors(
    EMBEDDED_MODEL,
    missing.filter(({ text }) => text === "Write a text.").map(({ hash }) => ({ hash, vector })),
  );
  const [found] = await recommended(person, desk!.id);
  expect(found).toMatchObject({
    id: `cheaper:${desk!.id}:${cheap.id}`,
    kind: "cheaper",
    because: { sessions: 1, paidTokens: 100, wouldTokens: 20, says: "Write a text.", otherSays: "Write a text." },
  });
  const path = `/v1/recommendations/${found!.id}/dismiss`;
  const headers = { "Idempotency-Key": "dismiss-1" };
  for (const replayed of [null, "true"]) {
    const answer = await call("POST", path, await freshToken(person), undefined, headers);
    expect([answer.status, answer.headers.get("Idempotency-Replayed")]).toEqual([200, replayed]);
  }
  expect((await recommended(person, desk!.id)).map(({ id }) => id)).not.toContain(found!.id);
  expect((await call("POST", "/v1/recommendations/nonsense/dismiss", await freshToken(person))).status).toBe(400);
});

it("names a plan that would have cost less for last month's use, and only then", async () => {
  const [person, small] = [await aPerson(10_000), await aPerson(10_000)];
  const app = await anApp(600);
  const plan = {
    id: "plan-1",
    providerId: app.id,
    name: "Plenty",
    monthCents: 60,
    includedTokens: 500,
    feeBasisPoints: 2000,
  };
  await insertPlan(env.DB, { ...plan, createdAt: Date.now(), retiredAt: null }).run();
  await use(person, app, 900);
  await use(small, app, 60);
  expect((await recommended(person, app.id)).filter(({ kind }) => kind === "plan")).toMatchObject([
    { id: "plan:plan-1", because: { planName: "Plenty", paidTokens: 150, wouldTokens: 60, monthCents: 60, days: 30 } },
  ]);
  expect((await recommended(small, app.id)).filter(({ kind }) => kind === "plan")).toEqual([]);
  expect(costWith(plan, 800)).toBe(360);
});
