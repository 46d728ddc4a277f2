// Reporting use: one answer a record, keys made for the caller, and a queue that loses nothing.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReportResult, UsageReport } from "../../sdk/src/protocol/session.ts";
import { Marketplace, ReportRefusedError } from "../../sdk/src/server/marketplace.ts";
import { fakeApi } from "./fake-api.ts";

type Judge = (event: UsageReport, attempt: number) => ReportResult["status"];

async function client(judge: Judge = () => "accepted") {
  const api = await fakeApi((request, index) => {
    const { events } = request.body as { events: UsageReport[] };
    return { body: { results: events.map((event) => ({ status: judge(event, index), sessionId: event.sessionId })) } };
  });
  const waits: number[] = [];
  const marketplace = new Marketplace({
    apiKey: "mk_live_abc",
    baseUrl: api.origin,
    random: () => 0,
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  const sent = () => api.heard.map((request) => (request.body as { events: UsageReport[] }).events);
  return { api, marketplace, waits, sent };
}

describe("consume", () => {
  it("answers accepted and duplicate, and makes a key of its own", async () => {
    const { marketplace, sent } = await client((event) => (event.idempotencyKey === "mine" ? "duplicate" : "accepted"));
    expect(await marketplace.tokens.consume({ sessionId: "s-1", amount: 150 })).toMatchObject({ status: "accepted" });
    const again = await marketplace.tokens.consume({
      sessionId: "s-1",
      units: "1.5",
      meter: "scene",
      idempotencyKey: "mine",
    });
    expect(again.status).toBe("duplicate");
    expect(sent()[0]![0]!.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent()[1]![0]).toEqual({ sessionId: "s-1", units: "1.5", meter: "scene", idempotencyKey: "mine" });
  });

  it.each(["conflict", "session_closed", "tokens_depleted", "too_late", "invalid"] as const)(
    "throws when the record is refused: %s",
    async (status) => {
      const { marketplace, api } = await client(() => status);
      const error = await marketplace.tokens
        .consume({ sessionId: "s-1", amount: 1 })
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ReportRefusedError);
      expect((error as ReportRefusedError).result.status).toBe(status);
      expect(api.heard).toHaveLength(1);
    },
  );

  it("asks again, with the same key, when the marketplace could not say", async () => {
    const { marketplace, sent, waits } = await client((_event, attempt) => (attempt < 2 ? "unavailable" : "accepted"));
    expect(await marketplace.tokens.consume({ sessionId: "s-1", amount: 1 })).toMatchObject({ status: "accepted" });
    expect(new Set(sent().map(([event]) => event!.idempotencyKey)).size).toBe(1);
    expect(waits).toEqual([1000, 2000]);
  });

  it("keeps the key over a lost answer, so that nothing is counted twice", async () => {
    const keys: string[] = [];
    const api = await fakeApi((request, index) => {
      keys.push((request.body as { events: UsageReport[] }).events[0]!.idempotencyKey);
      return index === 0 ? { hangUp: true } : { body: { results: [{ status: "duplicate" }] } };
    });
    const marketplace = new Marketplace({ apiKey: "k", baseUrl: api.origin, sleep: () => Promise.resolve() });
    expect(await marketplace.tokens.consume({ sessionId: "s-1", amount: 1 })).toEqual({ status: "duplicate" });
    expect(keys).toHaveLength(2);
    expect(keys[1]).toBe(keys[0]);
  });

  it("refuses before asking when nobody has consented to a session yet", async () => {
    const { marketplace, api } = await client();
    const { id } = await marketplace.sessions.create();
    await expect(marketplace.tokens.consume({ sessionId: id!, amount: 1 })).rejects.toMatchObject({
      code: "consent_needed",
    });
    expect(api.heard).toEqual([]);
  });
});

it("reports any number of records, 100 a request, and answers each in its place", async () => {
  const { marketplace, sent } = await client((event) => (Number(event.amount) % 7 === 0 ? "invalid" : "accepted"));
  const usages = Array.from({ length: 250 }, (_, index) => ({ sessionId: "s-1", amount: index }));
  const results = await marketplace.tokens.report(usages);
  expect(sent().map((events) => events.length)).toEqual([100, 100, 50]);
  expect(results.map((result) => result.status === "invalid")).toEqual(usages.map(({ amount }) => amount % 7 === 0));
});

describe("the queue", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** A marketplace that answers at once, so that only the queue's own clock matters. */
  function queueing(answer: (events: UsageReport[], call: number) => ReportResult["status"][] | Error) {
    const sent: UsageReport[][] = [];
    const errors: unknown[] = [];
    const marketplace = new Marketplace({
      apiKey: "k",
      retries: 0,
      now: () => Date.now(),
      onError: (error) => errors.push(error),
      fetch: (_url, init) => {
        const { events } = JSON.parse(String(init!.body)) as { events: UsageReport[] };
        const said = answer(events, sent.push(events) - 1);
        if (!(said instanceof Error))
          return Promise.resolve(Response.json({ results: said.map((status) => ({ status })) }));
        if (said.message !== "400") return Promise.reject(said);
        return Promise.resolve(Response.json({ code: "invalid_request", detail: "bad" }, { status: 400 }));
      },
    });
    const add = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) =>
        marketplace.tokens.enqueue({ sessionId: "s-1", amount: from + index + 1 }),
      );
    return { marketplace, sent, errors, add };
  }
  const accepted = (events: UsageReport[]) => events.map(() => "accepted" as const);

  it("waits 10 s for company", async () => {
    const { sent, add } = queueing(accepted);
    const results = add(3);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(sent).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.map((events) => events.length)).toEqual([3]);
    expect(await Promise.all(results)).toEqual(Array(3).fill({ status: "accepted" }));
  });

  it("goes at once with 50", async () => {
    const { sent, add } = queueing(accepted);
    await Promise.all(add(50));
    expect(sent.map((events) => events.length)).toEqual([50]);
  });

  it("keeps everything when a flush fails, tells why, and sends the same keys 10 s later", async () => {
    const { marketplace, sent, errors, add } = queueing((events, call) =>
      call === 0 ? new TypeError("no network") : accepted(events),
    );
    const results = add(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(errors).toHaveLength(1);
    expect(marketplace.tokens.queued).toBe(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await Promise.all(results)).toEqual([{ status: "accepted" }, { status: "accepted" }]);
    expect(sent[1]!.map((event) => event.idempotencyKey)).toEqual(sent[0]!.map((event) => event.idempotencyKey));
    expect(marketplace.tokens.queued).toBe(0);
  });

  it("tells each record its own result, and keeps only those that must be asked again", async () => {
    const { sent, add } = queueing((events, call) =>
      call === 0 ? ["accepted", "unavailable", "session_closed"] : accepted(events),
    );
    const [first, second, third] = add(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await first).toEqual({ status: "accepted" });
    expect(await third).toEqual({ status: "session_closed" });
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await second).toEqual({ status: "accepted" });
    expect(sent[1]!.map((event) => event.amount)).toEqual([2]);
  });

  it("does not let one unreadable record hold up its neighbours", async () => {
    const { add } = queueing((events) =>
      events.some((event) => event.amount === 3) ? new Error("400") : accepted(events),
    );
    const results = add(5);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await Promise.all(results)).map((result) => result.status)).toEqual([
      "accepted",
      "accepted",
      "invalid",
      "accepted",
      "accepted",
    ]);
  });

  it("sends what is added during a flush with the flush that is asked for next", async () => {
    const { marketplace, sent, add } = queueing(accepted);
    void Promise.all(add(60));
    const running = marketplace.tokens.flush();
    void Promise.all(add(1, 60));
    await running;
    await marketplace.tokens.flush();
    expect(marketplace.tokens.queued).toBe(0);
    const amounts = sent.flat().map((event) => event.amount);
    expect(amounts).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
  });

  it("notes when the work was done, not when it was sent", async () => {
    vi.setSystemTime("2026-11-01T12:00:00Z");
    const { sent, add } = queueing(accepted);
    void Promise.all(add(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent[0]![0]!.at).toBe("2026-11-01T12:00:00.000Z");
  });

  it("throws from flush() what went wrong, and keeps the records", async () => {
    const { marketplace, add } = queueing(() => new TypeError("no network"));
    void Promise.all(add(1));
    await expect(marketplace.tokens.flush()).rejects.toMatchObject({ code: "connection_failed" });
    expect(marketplace.tokens.queued).toBe(1);
  });
});
