// Night Poems (test/second-provider), an app that knows the marketplace from the guides alone, with the real marketplace: a
// visit from the link to the receipt. Whatever it asks is held against the API's own description.

import { env, SELF } from "cloudflare:test";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { deliverDue } from "../../domain/webhooks/deliver.ts";
import { createApp } from "../../workers/app.ts";
import { apiDocument, operationsOf } from "../../workers/docs/document.ts";
import { meter } from "../second-provider/meter.mjs";
import { nightPoems } from "../second-provider/poems.mjs";
import {
  anApp,
  API,
  aPerson,
  booksAreSound,
  call,
  create,
  passSeconds,
  useVirtualClock,
  type Person,
} from "../support/market.ts";
import { virtualDeliverer } from "../support/webhooks.ts";

const MARKETPLACE = env.WEB_ORIGIN;
const PRICING = [
  { meter: "minute", price: { model: "per_unit" as const, unit: "2" } },
  { meter: "poem", price: { model: "per_unit" as const, unit: "30" }, holdPerHour: 4 },
];

/** What the app asked, as `POST /path`, each found in the API's description with no field it does not have. */
const documented = operationsOf(apiDocument(createApp(), API));
function heldAgainstTheDocument(url: string, init: RequestInit = {}): string {
  const asked = `${init.method ?? "GET"} ${new URL(url).pathname}`;
  const found = documented.find(({ method, path }) => `${method.toUpperCase()} ${path}` === asked);
  expect(found, asked).toBeDefined();
  if (typeof init.body === "string") {
    const { operation } = found!;
    const { schemas } = apiDocument(createApp(), API).components as unknown as {
      schemas: Record<string, { properties?: object; oneOf?: { $ref?: string }[] }>;
    };
    const body = (operation as { requestBody?: { content: Record<string, { schema: { $ref: string } }> } })
      .requestBody!;
    const named = schemas[body.content["application/json"]!.schema.$ref.split("/").at(-1)!]!;
    const known = named.properties ?? schemas[named.oneOf![0]!.$ref!.split("/").at(-1)!]!.properties!;
    expect(Object.keys(known), asked).toEqual(expect.arrayContaining(Object.keys(JSON.parse(init.body) as object)));
  }
  return asked;
}

/** Webhooks go to the app whose address they name, whoever delivers them: this file or the queue. */
const sent: { url: string; init: RequestInit }[] = [];
const hosts = new Map<string, (request: Request) => Promise<Response>>();
const internet = (async (url: string, init: RequestInit) => {
  sent.push({ url, init });
  return (await hosts.get(new URL(url).host)?.(new Request(url, init))) ?? new Response(null, { status: 404 });
}) as typeof fetch;

beforeAll(() => {
  useVirtualClock();
  vi.spyOn(globalThis, "fetch").mockImplementation(internet);
});
// The internet stays as it is: the queue may still be delivering when the last test is over.
afterAll(() => void vi.useRealTimers());
beforeEach(() => passSeconds(600));

/** The app with its own address, key and webhook endpoint, and a browser that goes through its pages. */
async function openPoems() {
  const app = await anApp(PRICING, "https://writer.example.com/");
  const appUrl = `https://writer-${app.id}.example.com/`;
  const webhook = await call<{ webhook: { secret: string; id: string } }>("POST", "/v1/provider/webhooks", app.key, {
    url: `${appUrl}hooks`,
    events: ["session.completed", "session.failed"],
  });
  const asked: string[] = [];
  const faults: Response[] = [];
  const toMarketplace = async (url: string, init?: RequestInit): Promise<Response> => {
    asked.push(heldAgainstTheDocument(url, init));
    return faults.shift() ?? SELF.fetch(url, init);
  };
  const waits: number[] = [];
  const answer = nightPoems({
    api: API,
    marketplace: MARKETPLACE,
    providerId: app.id,
    apiKey: app.key,
    appUrl,
    webhookSecret: webhook.body.webhook.secret,
    fetch: toMarketplace,
    now: () => Date.now(),
    wait: (ms) => Promise.resolve(void waits.push(ms)),
  });
  hosts.set(new URL(appUrl).host, answer);
  let cookie = "";
  const browse = async (path: string, body?: object): Promise<Response> => {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    const reply = await answer(new Request(new URL(path, appUrl), { ...init, headers: { Cookie: cookie } }));
    cookie = reply.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return reply;
  };
  return {
    app,
    appUrl,
    asked,
    faults,
    waits,
    browse,
    toPoems: async (url: string, init: RequestInit) => answer(new Request(url, init)),
    /** Opens the link, and the page that follows. */
    async visit(person: Person, minutes = 30) {
      const { body } = await create(person, app, minutes);
      const link = new URL(body.session.redirectUrl);
      expect(link.origin).toBe(new URL(appUrl).origin);
      const arrived = await browse(link.pathname + link.search);
      expect([arrived.status, arrived.headers.get("location")]).toEqual([303, appUrl]);
      const pass = await (await browse("/pass")).json<{ token: string; back: string }>();
      const page = meter({
        api: API,
        token: pass.token,
        now: () => Date.now(),
        // As a browser does: it names the page's origin, and shows the answer only if that origin may see it.
        fetch: async (url, init) => {
          const headers = { ...(init!.headers as Record<string, string>), Origin: new URL(appUrl).origin };
          const reply = await toMarketplace(url, { ...init, headers });
          expect(reply.headers.get("access-control-allow-origin")).toBe(new URL(appUrl).origin);
          return reply;
        },
      });
      const stay = async (seconds: number) => {
        let session = null;
        for (let left = seconds; left > 0; left -= 30) {
          passSeconds(Math.min(30, left));
          page.acted();
          session = await page.beat();
        }
        return session;
      };
      return { id: body.session.id, allocated: body.session.tokensAllocated, back: new URL(pass.back), link, stay };
    },
  };
}
const receiptOf = async (person: Person, id: string) =>
  (await call<{ session: Record<string, unknown> }>("GET", `/v1/sessions/${id}`, person.token)).body.session;

describe("a provider written from the guides", () => {
  it("is paid for the minutes its page attested and the poems it wrote, each once", async () => {
    const poems = await openPoems();
    const person = await aPerson(1_000);
    const { id, back, stay } = await poems.visit(person);
    expect(await stay(600)).toMatchObject({ status: "active", remainingSeconds: 1200 });
    const first = await (await poems.browse("/poem", { theme: "Rain", order: "1" })).json<{ poem: string }>();
    expect(first.poem).toMatch(/^Rain\n/);
    await poems.browse("/poem", { theme: "Rain", order: "1" });
    await poems.browse("/poem", { theme: "Snow", order: "2" });
    const left = await poems.browse("/finish", {});
    expect(left.headers.get("location")).toBe(back.href);
    expect([back.origin, back.searchParams.get("session_id")]).toEqual([MARKETPLACE, id]);
    expect(back.searchParams.get("state")).toBeTruthy();
    // 10 minutes at 2 tokens, two poems at 30.
    expect(await receiptOf(person, id)).toMatchObject({
      status: "completed",
      settlement: "settled",
      tokensConsumed: 80,
    });
    expect(new Set(poems.asked)).toEqual(
      new Set(["GET /.well-known/jwks.json", "POST /v1/provider/sessions/sync", "POST /v1/provider/tokens/report"]),
    );
    await booksAreSound();
  });

  it("writes no poem that nobody would pay for", async () => {
    const poems = await openPoems();
    const person = await aPerson(1_000);
    const { stay } = await poems.visit(person, 30);
    await stay(30);
    const statuses: number[] = [];
    for (const order of ["1", "2", "3"]) statuses.push((await poems.browse("/poem", { theme: "Fog", order })).status);
    expect(statuses).toEqual([200, 200, 402]);
  });

  it("hears by webhook that the person left elsewhere, settles at once, and lets nobody order from then on", async () => {
    const poems = await openPoems();
    const person = await aPerson(1_000);
    const { id, stay } = await poems.visit(person);
    await stay(300);
    await poems.browse("/poem", { theme: "Tea", order: "1" });
    await call("POST", `/v1/sessions/${id}/complete`, person.token);
    await deliverDue(virtualDeliverer(Date.now(), internet));
    const mine = await vi.waitFor(() => {
      const found = sent.filter(({ url }) => url === `${poems.appUrl}hooks`);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(await receiptOf(person, id)).toMatchObject({ settlement: "settled", tokensConsumed: 40 });
    expect((await poems.browse("/poem", { theme: "Tea", order: "2" })).status).toBe(401);

    const { url, init } = mine[0]!;
    const asked = poems.asked.length;
    expect((await poems.toPoems(url, init)).status).toBe(204);
    expect(poems.asked).toHaveLength(asked);
    expect((await poems.toPoems(url, { ...init, body: String(init.body).replace("completed", "failed") })).status).toBe(
      400,
    );
    passSeconds(301);
    expect((await poems.toPoems(url, init)).status).toBe(400);
    await booksAreSound();
  });

  it("lets nobody in by a link that was used, is another app's, or was changed", async () => {
    const poems = await openPoems();
    const person = await aPerson(5_000);
    const { link } = await poems.visit(person);
    expect((await poems.browse(link.pathname + link.search)).status).toBe(409);
    const elsewhere = await create(person, await anApp(PRICING), 30);
    expect((await poems.browse(`/${new URL(elsewhere.body.session.redirectUrl).search}`)).status).toBe(403);
    const fresh = new URL((await create(person, poems.app, 30)).body.session.redirectUrl);
    const forged = fresh.search.replace("marketplace_session=eyJ", "marketplace_session=eyK");
    expect((await poems.browse(`/${forged}`)).status).toBe(403);
    fresh.searchParams.set("return_url", "https://evil.example/");
    await poems.browse(`/${fresh.search}`);
    const { back } = await (await poems.browse("/pass")).json<{ back: string }>();
    expect(new URL(back).origin).toBe(MARKETPLACE);
  });

  it("asks again with the same key when the marketplace stumbles, and charges once", async () => {
    const poems = await openPoems();
    const person = await aPerson(1_000);
    const { id, stay } = await poems.visit(person);
    await stay(60);
    poems.faults.push(
      new Response("{}", { status: 503 }),
      new Response("", { status: 429, headers: { "Retry-After": "7" } }),
    );
    expect((await poems.browse("/poem", { theme: "Wind", order: "1" })).status).toBe(200);
    expect(poems.waits).toEqual([1000, 7000]);
    await poems.browse("/finish", {});
    expect(await receiptOf(person, id)).toMatchObject({ tokensConsumed: 32 });
  });
});
