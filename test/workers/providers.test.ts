// What anyone can rely on when looking at the catalogue: pages, search, prices.

import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { wallClock } from "../../domain/clock.ts";
import { firstPage, forgetCatalogue, LIST_REMEMBERED_MS } from "../../domain/catalogue/listing.ts";
import { forgetProvider, loadForSession, PROVIDER_REMEMBERED_MS } from "../../domain/catalogue/load-for-session.ts";
import { newApp, send } from "../support/apps.ts";
import { newPerson } from "../support/people.ts";

interface Page {
  providers: { id: string; name: string; score?: number; why?: { field: string; words: string[] }[] }[];
  nextCursor: string | null;
  help?: { categories: string[] } | null;
}
const page = async (path: string): Promise<Page> => (await send("GET", path)).json<Page>();
const search = async (body: unknown): Promise<Page> =>
  (await send("POST", "/v1/providers/search", { body })).json<Page>();

/** A D1 that counts the questions it is asked. */
function counted(): { db: D1Database; calls: () => number } {
  let calls = 0;
  const db = new Proxy(env.DB, {
    get(target, name) {
      if (name === "prepare" || name === "batch") calls += 1;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
  return { db, calls: () => calls };
}

describe("the list", () => {
  it("shows each app once over all pages, oldest first, and no sign-in is needed", async () => {
    const owner = await newPerson();
    const made: string[] = [];
    for (let count = 0; count < 5; count++) made.push((await newApp({}, owner)).provider.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const next: Page = await page(`/v1/providers?limit=2${cursor ? `&cursor=${cursor}` : ""}`);
      expect(next.providers.length).toBeLessThanOrEqual(2);
      seen.push(...next.providers.map((card) => card.id));
      cursor = next.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => made.includes(id))).toEqual(made);
  });

  it("shows a card with everything the contract names", async () => {
    const { provider } = await newApp({ category: "writing" });
    const card = (await page("/v1/providers?limit=200")).providers.find((one) => one.id === provider.id);
    const contract = "id name description category appUrl logoUrl tokenRatePerHour pricing rating status".split(" ");
    expect(Object.keys(card!).sort()).toEqual([...contract, "tags", "ratingCount", "available"].sort());
  });

  it("answers 304 to the ETag it gave, and may be kept for five seconds", async () => {
    await newApp();
    const first = await send("GET", "/v1/providers");
    const etag = first.headers.get("ETag")!;
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(first.headers.get("Cache-Control")).toBe("public, max-age=5");
    expect(first.headers.get("Content-Type")).toBe("application/json");
    await first.arrayBuffer();
    const again = await send("GET", "/v1/providers", { headers: { "If-None-Match": etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    await newApp();
    const changed = await send("GET", "/v1/providers", { headers: { "If-None-Match": etag } });
    expect(changed.status).toBe(200);
  });

  it("asks D1 once in five seconds, however many look, and at once after a change", async () => {
    const now = wallClock();
    const { db, calls } = counted();
    forgetCatalogue();
    const first = await firstPage(db, 7, now);
    const asked = calls();
    expect(asked).toBeGreaterThan(0);
    expect(await firstPage(db, 7, now + LIST_REMEMBERED_MS - 1)).toBe(first);
    expect(calls()).toBe(asked);
    await firstPage(db, 7, now + LIST_REMEMBERED_MS);
    expect(calls()).toBe(asked * 2);
    forgetCatalogue();
    await firstPage(db, 7, now + LIST_REMEMBERED_MS + 1);
    expect(calls()).toBe(asked * 3);
  });

  it("lets one reader renew an old list while the others get the old one", async () => {
    const now = wallClock();
    const { db, calls } = counted();
    forgetCatalogue();
    await firstPage(db, 9, now);
    const asked = calls();
    const later = now + LIST_REMEMBERED_MS;
    await Promise.all(Array.from({ length: 20 }, () => firstPage(db, 9, later)));
    expect(calls()).toBe(asked * 2);
  });

  it.each([["limit=0"], ["limit=201"], ["limit=x"], ["limit=1.5"]])("refuses %s", async (query) => {
    expect((await send("GET", `/v1/providers?${query}`)).status).toBe(400);
  });

  it.each([["x"], ["%00"], ["bm90LWEtY3Vyc29y"], ["!!"]])("refuses the cursor %s", async (cursor) => {
    const answer = await send("GET", `/v1/providers?cursor=${cursor}`);
    expect(answer.status).toBe(400);
    expect((await answer.json<{ code: string }>()).code).toBe("invalid_cursor");
  });
});

describe("one app", () => {
  it("is shown with its fee, use cases and terms", async () => {
    const { provider } = await newApp({ refundTerms: "Ask us.", regions: ["EU"] });
    const answer = await send("GET", `/v1/providers/${provider.id}`);
    expect(await answer.json()).toMatchObject({
      provider: {
        id: provider.id,
        feeBasisPoints: 2000,
        priceVersionId: provider.priceVersionId,
        useCases: ["try things out"],
        refundTerms: "Ask us.",
        regions: ["EU"],
      },
    });
  });

  it.each([["nothing"], ["00000000-0000-7000-8000-000000000000"], ["' OR 1=1 --"]])(
    "is 404 for the id %s",
    async (id) => {
      const answer = await send("GET", `/v1/providers/${encodeURIComponent(id)}`);
      expect(answer.status).toBe(404);
      expect((await answer.json<{ code: string }>()).code).toBe("provider_not_found");
    },
  );
});

describe("what a session needs to know", () => {
  it("is remembered for ten seconds and forgotten on demand", async () => {
    const { provider } = await newApp({ tokenRatePerHour: 60 });
    const { db, calls } = counted();
    const now = wallClock();
    const loaded = await loadForSession(db, provider.id, now);
    expect(loaded).toMatchObject({
      id: provider.id,
      prices: {
        versions: [
          {
            id: provider.priceVersionId,
            components: [{ meter: "hour", price: { model: "per_unit", unit: "60" } }],
            feeBasisPoints: 2000,
          },
        ],
        experiment: null,
      },
      status: "active",
      review: "approved",
    });
    const asked = calls();
    await loadForSession(db, provider.id, now + PROVIDER_REMEMBERED_MS - 1);
    expect(calls()).toBe(asked);
    forgetProvider(provider.id);
    await loadForSession(db, provider.id, now);
    expect(calls()).toBe(asked * 2);
    await loadForSession(db, provider.id, now + PROVIDER_REMEMBERED_MS);
    expect(calls()).toBe(asked * 3);
    expect(await loadForSession(db, "unknown", now)).toBeNull();
  });
});

describe("search", () => {
  it("puts the app that is about it first, and says which words matched where", async () => {
    const owner = await newPerson();
    const subtitles = await newApp(
      {
        name: "Captionist",
        useCases: ["subtitles for my videos", "translate captions"],
        description: "Makes captions.",
      },
      owner,
    );
    await newApp(
      { name: "Spreadsheeter", useCases: ["tidy up a table"], description: "Also exports subtitles." },
      owner,
    );
    const { providers } = await search({ query: "I need subtitles for a video" });
    expect(providers[0]!.id).toBe(subtitles.provider.id);
    expect(providers[0]!.why).toEqual([{ field: "useCases", words: ["subtitles", "video"] }]);
    expect(providers[0]!.score).toBeGreaterThan(providers[1]!.score!);
    expect(providers[1]!.name).toBe("Spreadsheeter");
    expect(providers.every((hit) => hit.score! > 0 && hit.score! <= 1)).toBe(true);
  });

  it("finds a word by its beginning, its plural and without its accents", async () => {
    const { provider } = await newApp({ name: "Résumé Builders", useCases: ["polish my application letters"] });
    for (const query of ["resume", "builder", "BUILD", "résumés", "application letter"])
      expect((await search({ query })).providers.map((hit) => hit.id)).toContain(provider.id);
  });

  it("keeps to the filters", async () => {
    const owner = await newPerson();
    const tag = `tag-${crypto.randomUUID()}`;
    const cheap = await newApp({ tags: [tag], tokenRatePerHour: 60, category: "code" }, owner);
    const dear = await newApp({ tags: [tag], tokenRatePerHour: 61, category: "design" }, owner);
    const byAction = await newApp(
      {
        tags: [tag],
        tokenRatePerHour: undefined,
        pricing: [{ meter: "render", price: { model: "package", amount: "10", size: "1" }, holdPerHour: 6 }],
      },
      owner,
    );
    const found = async (filters: unknown) =>
      (await search({ query: "", filters })).providers.map((hit) => hit.id).sort();
    const sorted = (...apps: { provider: { id: string } }[]) => apps.map((app) => app.provider.id).sort();
    expect(await found({ tag })).toEqual(sorted(cheap, dear, byAction));
    expect(await found({ tag, maxTokensPerHour: 60 })).toEqual(sorted(cheap, byAction));
    expect(await found({ tag, maxTokensPerHour: 59 })).toEqual([]);
    expect(await found({ tag, pricingModel: "package" })).toEqual(sorted(byAction));
    expect(await found({ tag, category: "design" })).toEqual(sorted(dear));
  });

  it("pages through the hits", async () => {
    const owner = await newPerson();
    const word = `w${crypto.randomUUID().replaceAll("-", "")}`;
    for (let count = 0; count < 3; count++) await newApp({ name: `${word} ${count}` }, owner);
    const first = await search({ query: word, limit: 2 });
    expect(first.providers).toHaveLength(2);
    const second = await search({ query: word, limit: 2, cursor: first.nextCursor });
    expect(second.providers).toHaveLength(1);
    expect(second.nextCursor).toBeNull();
  });

  it("finds nothing for words nobody uses", async () => {
    const answer = await search({ query: "xylophagous zygote" });
    expect(answer).toMatchObject({ providers: [], nextCursor: null, total: 0, confidence: "none", searchedFor: [] });
    // An honest word, and where to look instead.
    expect(answer.help!.categories.length).toBeGreaterThan(0);
  });

  it.each([
    ["no query", {}],
    ["a query that is no text", { query: 5 }],
    ["a query too long", { query: "x".repeat(501) }],
    ["an unknown pricing model", { query: "x", filters: { pricingModel: "free" } }],
    ["a limit of 0", { query: "x", limit: 0 }],
    ["a cursor that is no position", { query: "x", cursor: "-1" }],
    ["a list", []],
  ])("refuses %s with 400", async (_, body) => {
    expect((await send("POST", "/v1/providers/search", { body })).status).toBe(400);
  });

  it("treats hostile text as words", async () => {
    for (const query of ['" OR 1=1 --', "*", "(", "\u0000", "💥", "NEAR(a b)", "a".repeat(500)])
      expect((await send("POST", "/v1/providers/search", { body: { query } })).status).toBe(200);
  });
});

describe("a quote", () => {
  it("gives the most, who gets what, and exactly what a given use would cost", async () => {
    const { provider } = await newApp({
      tokenRatePerHour: undefined,
      pricing: [
        { meter: "hour", price: { model: "per_unit", unit: "300" } },
        { meter: "scene", price: { model: "per_unit", unit: "2.5" }, holdPerHour: 20 },
      ],
    });
    const quote = async (body: unknown) => (await send("POST", `/v1/providers/${provider.id}/quote`, { body })).json();
    expect(await quote({ durationSeconds: 1800 })).toMatchObject({
      heldTokens: 175,
      likelyTokens: 175,
      platformFeeTokens: 35,
      providerShareTokens: 140,
      feeBasisPoints: 2000,
      priceVersionId: provider.priceVersionId,
      lines: [
        { meter: "hour", capUnits: "0.5", maxAmount: "150" },
        { meter: "scene", capUnits: "10", maxAmount: "25" },
      ],
    });
    expect(await quote({ durationSeconds: 1800, usage: { scene: 3, hour: "0.25" } })).toMatchObject({
      usageTokens: 83,
      usageLines: [
        { meter: "hour", amount: "75" },
        { meter: "scene", amount: "7.5" },
      ],
    });
  });

  it.each([
    ["no duration", {}, 400],
    ["less than five minutes", { durationSeconds: 299 }, 422],
    ["more than three hours", { durationSeconds: 10_801 }, 422],
    ["half a second", { durationSeconds: 300.5 }, 400],
    ["usage that is no number", { durationSeconds: 300, usage: { hour: "x" } }, 400],
    ["usage below zero", { durationSeconds: 300, usage: { hour: -1 } }, 400],
    ["a meter the app does not price", { durationSeconds: 300, usage: { scene: 1 } }, 422],
    ["usage that is a list", { durationSeconds: 300, usage: [1] }, 400],
  ])("refuses %s", async (_, body, status) => {
    const { provider } = await newApp();
    expect((await send("POST", `/v1/providers/${provider.id}/quote`, { body })).status).toBe(status);
  });

  it("takes the shortest and the longest session", async () => {
    const { provider } = await newApp({ tokenRatePerHour: 60 });
    for (const [durationSeconds, heldTokens] of [
      [300, 5],
      [10_800, 180],
    ])
      expect(
        await (await send("POST", `/v1/providers/${provider.id}/quote`, { body: { durationSeconds } })).json(),
      ).toMatchObject({ heldTokens });
  });

  it("is 404 for an app that is not there", async () => {
    const answer = await send("POST", "/v1/providers/00000000-0000-7000-8000-000000000000/quote", {
      body: { durationSeconds: 300 },
    });
    expect(answer.status).toBe(404);
  });
});
