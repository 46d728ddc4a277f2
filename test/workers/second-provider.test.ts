// Label Press (test/second-provider), an app that knows the marketplace from the guides alone, with the real marketplace: a
// visit from the link to the receipt. Whatever it asks is held against the API's own description.

import { env, SELF } from "cloudflare:test";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { deliverDue } from "../../domain/webhooks/deliver.ts";
import { createApp } from "../../workers/app.ts";
import { apiDocument, operationsOf } from "../../workers/docs/document.ts";
import { meter } from "../second-provider/meter.mjs";
import { labelPress } from "../second-provider/press.mjs";
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
  {
    meter: "label",
    price: {
      model: "hybrid" as const,
      base: "0",
      included: "1",
      over: { model: "per_unit" as const, unit: "2.5" },
    },
    holdPerHour: 4,
  },
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
    // A batch of records is held record by record.
    const given = JSON.parse(init.body) as { events?: object[] };
    for (const one of given.events ?? [given])
      expect(Object.keys(known), asked).toEqual(expect.arrayContaining(Object.keys(one)));
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

/** The app with its own address, keys and webhook endpoints, and a browser that goes through its pages. */
async function openPress() {
  const app = await anApp(PRICING, "https://writer.example.com/");
  const appUrl = `https://writer-${app.id}.example.com/`;
  const secretOf = async (key: string) =>
    (
      await call<{ webhook: { secret: string } }>("POST", "/v1/provider/webhooks", key, {
        url: `${appUrl}hooks`,
        events: ["session.completed", "session.failed"],
      })
    ).body.webhook.secret;
  const asked: string[] = [];
  const faults: Response[] = [];
  const toMarketplace = async (url: string, init?: RequestInit): Promise<Response> => {
    asked.push(heldAgainstTheDocument(url, init));
    return faults.shift() ?? SELF.fetch(url, init);
  };
  const waits: number[] = [];
  const work: Promise<void>[] = [];
  const answer = labelPress({
    api: API,
    marketplace: MARKETPLACE,
    providerId: app.id,
    keys: { live: app.key, test: app.testKey },
    appUrl,
    secrets: { live: await secretOf(app.key), test: await secretOf(app.testKey) },
    fetch: toMarketplace,
    now: () => Date.now(),
    wait: (ms) => Promise.resolve(void waits.push(ms)),
    later: (one) => void work.push(one),
  });
  hosts.set(new URL(appUrl).host, answer);
  let cookie = "";
  const browse = async (path: string, body?: object): Promise<Response> => {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    const reply = await answer(new Request(new URL(path, appUrl), { ...init, headers: { Cookie: cookie } }));
    cookie = reply.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return reply;
  };
  const print = async (order: string, ...texts: string[]) => {
    const reply = await browse("/labels", { order, texts });
    const { labels = [] } = await reply.json<{ labels?: { text: string; svg?: string; refused?: string }[] }>();
    return { status: reply.status, labels: labels.map(({ svg, refused }) => (svg ? "printed" : refused)) };
  };
  return {
    app,
    appUrl,
    asked,
    faults,
    waits,
    work,
    browse,
    print,
    toPress: async (url: string, init: RequestInit) => answer(new Request(url, init)),
    /** Opens the link of a new session, and the page that follows. */
    async visit(person: Person, minutes = 30) {
      const { id, tokensAllocated, redirectUrl } = (await create(person, app, minutes)).body.session;
      return { ...(await this.enter(redirectUrl)), id, allocated: tokensAllocated };
    },
    async enter(redirectUrl: string) {
      const link = new URL(redirectUrl);
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
      return { back: new URL(pass.back), link, page, stay };
    },
  };
}
const receiptOf = async (person: Person, id: string) =>
  (await call<{ session: Record<string, unknown> }>("GET", `/v1/sessions/${id}`, person.token)).body.session;

describe("a provider written from the guides", () => {
  it("is paid for the minutes its page attested and the labels it printed, each once", async () => {
    const press = await openPress();
    const person = await aPerson(1_000);
    const { id, back, page, stay } = await press.visit(person);
    expect(await stay(600)).toMatchObject({ status: "active", remainingSeconds: 1200 });
    expect(await press.print("1", "SKU-1")).toEqual({ status: 200, labels: ["printed"] });
    expect(await press.print("1", "SKU-1")).toEqual({ status: 200, labels: ["printed"] });
    expect(await press.print("2", "SKU-2")).toEqual({ status: 200, labels: ["printed"] });
    page.saw(2);
    await page.end();
    const left = await press.browse("/finish", {});
    expect(left.headers.get("location")).toBe(back.href);
    expect([back.origin, back.searchParams.get("session_id")]).toEqual([MARKETPLACE, id]);
    expect(back.searchParams.get("state")).toBeTruthy();
    // 10 minutes at 2 tokens, and of two labels the second at 2.5: rounded up once.
    expect(await receiptOf(person, id)).toMatchObject({
      status: "completed",
      endReason: "user_ended",
      settlement: "settled",
      tokensConsumed: 23,
    });
    expect(new Set(press.asked)).toEqual(
      new Set(["GET /.well-known/jwks.json", "POST /v1/provider/sessions/sync", "POST /v1/provider/tokens/report"]),
    );
    await booksAreSound();
  });

  it("prints no label that nobody would pay for, and none that cannot be printed", async () => {
    const press = await openPress();
    const { stay } = await press.visit(await aPerson(1_000), 30);
    await stay(30);
    expect(await press.print("1", "a", "b", "c")).toEqual({
      status: 200,
      labels: ["printed", "printed", "tokens_depleted"],
    });
    const reports = press.asked.length;
    expect((await press.print("2", "Preis: 5 €")).status).toBe(400);
    expect(press.asked).toHaveLength(reports);
  });

  it("takes people of the sandbox with the test key, beside those who pay", async () => {
    const press = await openPress();
    const { body } = await call<{ session: { id: string; redirectUrl: string } }>(
      "POST",
      "/v1/provider/sandbox/sessions",
      press.app.testKey,
      { durationMinutes: 30 },
    );
    await press.enter(body.session.redirectUrl);
    expect(await press.print("1", "SKU-1")).toEqual({ status: 200, labels: ["printed"] });
    await press.browse("/finish", {});
    const { body: ended } = await call<{ session: object }>("POST", "/v1/provider/sessions/sync", press.app.testKey, {
      action: "get",
      sessionId: body.session.id,
    });
    expect(ended.session).toMatchObject({ mode: "test", status: "completed", settlement: "settled" });
  });

  it("hears by webhook that the person left elsewhere, settles at once, and lets nobody order from then on", async () => {
    const press = await openPress();
    const person = await aPerson(1_000);
    const { id, page, stay } = await press.visit(person);
    await stay(270);
    await press.print("1", "a", "b");
    page.saw(2);
    await stay(30);
    await call("POST", `/v1/sessions/${id}/complete`, person.token);
    await deliverDue(virtualDeliverer(Date.now(), internet));
    const mine = await vi.waitFor(() => {
      const found = sent.filter(({ url }) => url === `${press.appUrl}hooks`);
      expect(found).toHaveLength(1);
      return found;
    });
    await vi.waitFor(() => expect(press.work).toHaveLength(1));
    await Promise.all(press.work);
    expect(await receiptOf(person, id)).toMatchObject({ settlement: "settled", tokensConsumed: 13 });
    expect((await press.print("2", "c")).status).toBe(401);

    const { url, init } = mine[0]!;
    expect((await press.toPress(url, init)).status).toBe(204);
    expect(press.work).toHaveLength(1);
    expect((await press.toPress(url, { ...init, body: String(init.body).replace("completed", "failed") })).status).toBe(
      400,
    );
    passSeconds(301);
    expect((await press.toPress(url, init)).status).toBe(400);
    await booksAreSound();
  });

  it("lets nobody in by a link that was used, is another app's, or was changed", async () => {
    const press = await openPress();
    const person = await aPerson(5_000);
    const { link } = await press.visit(person);
    expect((await press.browse(link.pathname + link.search)).status).toBe(409);
    const elsewhere = await create(person, await anApp(PRICING), 30);
    expect((await press.browse(`/${new URL(elsewhere.body.session.redirectUrl).search}`)).status).toBe(403);
    const fresh = new URL((await create(person, press.app, 30)).body.session.redirectUrl);
    const forged = fresh.search.replace("marketplace_session=eyJ", "marketplace_session=eyK");
    expect((await press.browse(`/${forged}`)).status).toBe(403);
    fresh.searchParams.set("return_url", "https://evil.example/");
    await press.browse(`/${fresh.search}`);
    const { back } = await (await press.browse("/pass")).json<{ back: string }>();
    expect(new URL(back).origin).toBe(MARKETPLACE);
  });

  it("asks again with the same keys when the marketplace stumbles, and charges once", async () => {
    const press = await openPress();
    const person = await aPerson(1_000);
    const { id, stay } = await press.visit(person);
    await stay(60);
    press.faults.push(
      new Response("{}", { status: 503 }),
      new Response("", { status: 429, headers: { "Retry-After": "7" } }),
      Response.json({ results: [{ status: "accepted" }, { status: "unavailable" }] }),
    );
    expect((await press.print("1", "a", "b")).labels).toEqual(["printed", "printed"]);
    expect(press.waits).toEqual([1000, 7000, 1000]);
    await press.browse("/finish", {});
    // The third answer was only played: of the two labels one reached the marketplace, and the first is included.
    expect(await receiptOf(person, id)).toMatchObject({ tokensConsumed: 2 });
  });
});
