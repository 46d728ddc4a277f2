// Retries, time limits and errors of the server SDK, over real HTTP; waiting is injected.

import { expect, it } from "vitest";
import { ApiError, ConnectionError, Marketplace, MarketplaceError } from "../../sdk/src/server/marketplace.ts";
import { fakeApi, type ScriptedAnswer } from "./fake-api.ts";

const SESSION = { id: "s-1", status: "active" };

async function client(answers: ScriptedAnswer[], options: { random?: number; retries?: number } = {}) {
  const api = await fakeApi((_request, index) => answers[Math.min(index, answers.length - 1)]!);
  const waits: number[] = [];
  const marketplace = new Marketplace({
    apiKey: "mk_test_key",
    baseUrl: api.origin,
    timeout: 2000,
    ...(options.retries !== undefined && { retries: options.retries }),
    random: () => options.random ?? 0,
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { api, waits, marketplace };
}
const busy = { status: 503, body: { code: "temporarily_unavailable", detail: "Try again." } };
const fine = { body: { session: SESSION } };

it("tries five times, after 1, 2, 4 and 8 seconds, then tells what the last answer was", async () => {
  const { api, waits, marketplace } = await client([busy]);
  const error = await marketplace.sessions.get("s-1").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "temporarily_unavailable", status: 503, requestId: "req-1" });
  expect(api.heard).toHaveLength(5);
  expect(waits).toEqual([1000, 2000, 4000, 8000]);
});

it("adds up to half of the wait by chance, and never waits longer than 16 s and that half", async () => {
  const { waits, marketplace } = await client([busy], { random: 1, retries: 6 });
  await marketplace.sessions.get("s-1").catch(() => undefined);
  expect(waits).toEqual([1500, 3000, 6000, 12_000, 24_000, 24_000]);
});

it("goes on after a broken line and a 500", async () => {
  const { api, marketplace } = await client([{ hangUp: true }, { status: 500, body: "<html>" }, fine]);
  expect(await marketplace.sessions.get("s-1")).toEqual(SESSION);
  expect(api.heard).toHaveLength(3);
});

it.each([400, 401, 402, 403, 404, 409, 410, 422])("asks once when the answer is %i", async (status) => {
  const { api, marketplace } = await client([
    { status, body: { code: "session_closed", detail: "It is over.", balanceTokens: 5 } },
  ]);
  const error = (await marketplace.sessions.pause("s-1").catch((caught: unknown) => caught)) as ApiError;
  expect(error.status).toBe(status);
  expect(error.message).toBe("It is over.");
  expect(error.problem.balanceTokens).toBe(5);
  expect(api.heard).toHaveLength(1);
});

it("waits as long as a 429 asks for, and not at all when that is over a minute", async () => {
  const limited = (seconds: string): ScriptedAnswer => ({
    status: 429,
    body: { code: "rate_limited", detail: "Slow down." },
    headers: { "Retry-After": seconds },
  });
  const patient = await client([limited("7"), fine]);
  expect(await patient.marketplace.sessions.get("s-1")).toEqual(SESSION);
  expect(patient.waits).toEqual([7000]);

  const hopeless = await client([limited("61"), fine]);
  await expect(hopeless.marketplace.sessions.get("s-1")).rejects.toMatchObject({
    code: "rate_limited",
    retryAfterSeconds: 61,
  });
});

it("gives up on an answer that does not come in time", async () => {
  const api = await fakeApi(() => new Promise(() => undefined));
  const marketplace = new Marketplace({ apiKey: "k", baseUrl: api.origin, timeout: 30, retries: 0 });
  const error = await marketplace.sessions.get("s-1").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ code: "timed_out", status: null });
});

it("never follows a redirect with its key", async () => {
  const { api, marketplace } = await client([{ status: 302, headers: { Location: "/elsewhere" } }, fine], {
    retries: 0,
  });
  await expect(marketplace.sessions.get("s-1")).rejects.toBeInstanceOf(ApiError);
  expect(api.heard.map((request) => request.path)).toEqual(["/v1/provider/sessions/sync"]);
});

it("says so when the base URL is not the API's", async () => {
  const { marketplace } = await client([{ body: "<!doctype html>" }]);
  await expect(marketplace.sessions.get("s-1")).rejects.toMatchObject({ code: "unreadable_answer" });
});

it("needs a key", () => {
  expect(() => new Marketplace({ apiKey: "" })).toThrow(MarketplaceError);
});
