// Where tokens went, and what they would have been at another price, to the token.

import { SELF } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PriceComponent } from "../../domain/pricing/components.ts";
import {
  aPerson,
  anApp,
  booksAreSound,
  call,
  freshToken,
  launchTokenOf,
  passSeconds,
  sync,
  useVirtualClock,
  work,
  type CreatedBody,
  type Person,
  type TestApp,
} from "../support/market.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

const MIXED: PriceComponent[] = [
  {
    meter: "hour",
    price: {
      model: "volume",
      tiers: [
        { up_to: "0.1", unit: "900" },
        { up_to: null, unit: "300" },
      ],
    },
  },
  { meter: "order", price: { model: "percentage", rate: "1.5", fixed: "0.3", free_events: 1 }, holdPerHour: 900 },
  { meter: "page", price: { model: "package", amount: "7", size: "3", free: "1" }, holdPerHour: 40 },
];

/** A session of so many seconds with these reports, settled. @returns what it cost. */
async function used(
  person: Person,
  app: TestApp,
  it: { seconds: number; tags?: string[]; reports?: [meter: string, units: string][] },
): Promise<number> {
  const token = await freshToken(person);
  const body = { providerId: app.id, durationMinutes: 30, tags: it.tags ?? [] };
  const created = await call<CreatedBody>("POST", "/v1/sessions/create", token, body);
  const { id, redirectUrl } = created.body.session;
  const start = await sync(launchTokenOf(redirectUrl), { action: "start", nonce: `nonce-${id}` });
  await work({ id, token: start.body.sessionToken, launchToken: "", allocated: 0 }, it.seconds);
  for (const [index, [meter, units]] of (it.reports ?? []).entries()) {
    passSeconds(0.001);
    const record = { sessionId: id, meter, units, idempotencyKey: `r${index}` };
    expect((await call("POST", "/v1/provider/tokens/report", app.key, record)).status).toBe(200);
  }
  const ended = await call<{ session: { tokensConsumed: number; settlement: string } }>(
    "POST",
    "/v1/provider/sessions/sync",
    app.key,
    { action: "complete", sessionId: id, final: true },
  );
  expect(ended.body.session.settlement).toBe("settled");
  return ended.body.session.tokensConsumed;
}

interface Usage {
  groups: { key: string | null; name: string | null; sessions: number; tokens: number; activeSeconds: number }[];
  total: { sessions: number; tokens: number; feeTokens: number; cents: number };
}
interface WhatIf {
  sessions: number;
  actual: { tokens: number; feeTokens: number; shareTokens: number };
  whatIf: { tokens: number; feeTokens: number; shareTokens: number };
  differenceTokens: number;
  same: number;
  cheaper: number;
  dearer: number;
  unpricedMeters: string[];
  unusedMeters: string[];
  newest: { actualTokens: number; whatIfTokens: number }[];
}
const usage = async (person: Person, query: string) =>
  (await call<Usage>("GET", `/v1/tokens/usage?${query}`, await freshToken(person))).body;

describe("a usage report", () => {
  it("adds a person's settled sessions up by app, day and tag, and nobody else's", async () => {
    const [writer, other] = [await anApp(600), await anApp(MIXED)];
    const [person, stranger] = [await aPerson(20_000), await aPerson(20_000)];
    const first = await used(person, writer, { seconds: 300, tags: ["acme", "june"] });
    const second = await used(person, other, { seconds: 60, reports: [["page", "4"]] });
    await used(stranger, writer, { seconds: 60 });
    passSeconds(24 * 60 * 60);
    const third = await used(person, writer, { seconds: 120, tags: ["=1+1"] });
    expect([first, third]).toEqual([50, 20]);

    const byApp = await usage(person, "groupBy=app");
    expect(byApp.groups.map(({ key, sessions, tokens }) => [key, sessions, tokens]).toSorted()).toEqual(
      [
        [other.id, 1, second],
        [writer.id, 2, first + third],
      ].toSorted(),
    );
    const fee = Math.floor(first / 5) + Math.floor(second / 5) + Math.floor(third / 5);
    expect(byApp.total).toEqual({
      sessions: 3,
      tokens: first + second + third,
      activeSeconds: 480,
      feeTokens: fee,
      cents: first + second + third,
      includedTokens: 0,
    });
    const byDay = await usage(person, "groupBy=day");
    expect(byDay.groups.map(({ key, tokens }) => [key, tokens])).toEqual([
      ["2030-01-01", first + second],
      ["2030-01-02", third],
    ]);
    expect((await usage(person, "groupBy=day&from=2030-01-02&to=2030-01-02")).total.tokens).toBe(third);
    const byTag = await usage(person, "groupBy=tag");
    expect(Object.fromEntries(byTag.groups.map(({ key, tokens }) => [String(key), tokens]))).toEqual({
      acme: first,
      june: first,
      "=1+1": third,
      null: second,
    });
    const csv = await call<string>("GET", "/v1/tokens/usage?groupBy=day", null);
    expect(csv.status).toBe(401);
  });

  it("comes as a file that a spreadsheet does not run", async () => {
    const app = await anApp(600);
    const person = await aPerson(5_000);
    await used(person, app, { seconds: 60, tags: ["=cmd()"] });
    const answer = await SELF.fetch("http://localhost:3000/v1/tokens/usage?groupBy=tag&format=csv", {
      headers: { Authorization: `Bearer ${await freshToken(person)}` },
    });
    expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect(await answer.text()).toContain(
      "tag,app,sessions,active_seconds,tokens,fee_tokens,cents,included_tokens\r\n'=cmd(),,1,60,10,2,10,0\r\n",
    );
  });

  it("refuses a range that ends before it begins", async () => {
    const person = await aPerson();
    expect((await call("GET", "/v1/tokens/usage?from=2030-02-01&to=2030-01-01", person.token)).status).toBe(400);
    expect((await call("GET", "/v1/tokens/usage?from=yesterday", person.token)).status).toBe(400);
  });
});

describe("a what-if", () => {
  it("comes at the price the sessions were made at to exactly what they were charged, for both sides", async () => {
    const app = await anApp(MIXED);
    const person = await aPerson(50_000);
    const paid = [
      await used(person, app, { seconds: 30 }),
      await used(person, app, {
        seconds: 400,
        reports: [
          ["order", "100"],
          ["order", "250.5"],
          ["order", "0.01"],
        ],
      }),
      await used(person, app, {
        seconds: 600,
        reports: [
          ["page", "7"],
          ["order", "12"],
          ["mood", "3"],
        ],
      }),
    ];
    const token = await freshToken(person);
    const own = await call<WhatIf>("POST", "/v1/tokens/usage/what-if", token, { pricing: MIXED });
    expect(own.body).toMatchObject({ sessions: 3, differenceTokens: 0, same: 3, unpricedMeters: ["mood"] });
    expect(own.body.newest.map(({ actualTokens, whatIfTokens }) => [actualTokens, whatIfTokens])).toEqual(
      paid.toReversed().map((tokens) => [tokens, tokens]),
    );
    const owner = await freshToken({ userId: app.ownerUserId, walletId: crypto.randomUUID() });
    const theirs = await call<WhatIf>("POST", `/v1/provider/apps/${app.id}/what-if`, owner, { pricing: MIXED });
    expect(theirs.body.whatIf).toEqual(theirs.body.actual);
    expect(theirs.body.actual.shareTokens + theirs.body.actual.feeTokens).toBe(paid.reduce((sum, one) => sum + one, 0));
    expect((await call("POST", `/v1/provider/apps/${app.id}/what-if`, token, { pricing: MIXED })).status).toBe(404);
  });

  it("prices the same sessions at a rate, at a version and at another app's price", async () => {
    const [app, rival] = [await anApp(600), await anApp(300)];
    const person = await aPerson(20_000);
    await used(person, app, { seconds: 300 });
    await used(person, app, { seconds: 90 });
    const token = await freshToken(person);
    const ask = async (body: unknown) => (await call<WhatIf>("POST", "/v1/tokens/usage/what-if", token, body)).body;
    expect(await ask({ tokenRatePerHour: 1200 })).toMatchObject({
      actual: { tokens: 65 },
      whatIf: { tokens: 130 },
      dearer: 2,
    });
    expect(await ask({ otherProviderId: rival.id })).toMatchObject({ whatIf: { tokens: 25 + 8 }, cheaper: 2 });
    expect(await ask({ otherProviderId: rival.id, providerId: rival.id })).toMatchObject({ sessions: 0 });
    const history = await call<{ prices: { priceVersionId: string }[] }>(
      "GET",
      `/v1/providers/${rival.id}/prices`,
      null,
    );
    const version = history.body.prices[0]!.priceVersionId;
    expect(await ask({ priceVersionId: version })).toMatchObject({ differenceTokens: 33 - 65 });
    expect(await ask({ priceVersionId: version, tokenRatePerHour: 5 })).toMatchObject({ code: "invalid_request" });
    expect(await ask({})).toMatchObject({ code: "invalid_request" });
  });
});
