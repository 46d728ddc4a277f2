// Calls of `consume` that come at once share requests: each hears its own answer, none waits for nothing.

import { describe, expect, it, vi } from "vitest";
import type { ReportResult, UsageReport } from "../../sdk/src/protocol/session.ts";
import { ApiError } from "../../sdk/src/server/errors.ts";
import { Marketplace, ReportRefusedError } from "../../sdk/src/server/marketplace.ts";
import { REQUESTS_AT_ONCE, reportTogether } from "../../sdk/src/server/report-together.ts";
import { fakeApi } from "./fake-api.ts";

const report = (name: string, sessionId = `session-of-${name}`): UsageReport => ({
  sessionId,
  amount: 1,
  idempotencyKey: name,
});

/** Requests that stay under way until they are let go, in any order. */
function line(requestsAtOnce = REQUESTS_AT_ONCE) {
  const sent: string[][] = [];
  const ends: { answer: (results: ReportResult[]) => void; fail: (error: unknown) => void }[] = [];
  const send = reportTogether((reports) => {
    sent.push(reports.map(({ idempotencyKey }) => idempotencyKey));
    return new Promise((answer, fail) => ends.push({ answer, fail }));
  }, requestsAtOnce);
  /** Answers the request with what names each of its records. */
  const answer = (request: number) =>
    ends[request]!.answer(sent[request]!.map((name) => ({ status: "accepted", message: name })));
  return { send, sent, answer, fail: (request: number, error: unknown) => ends[request]!.fail(error) };
}
const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `r${from + index}`);
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("reports that come at once", () => {
  it("go at once and alone while few are under way; those that come meanwhile share the next request", async () => {
    const { send, sent, answer } = line();
    const results = names(10).map((name) => send(report(name)));
    expect(sent).toEqual([["r0"], ["r1"], ["r2"], ["r3"]]);
    answer(2);
    expect((await results[2])!.message).toBe("r2");
    await settled();
    expect(sent[4]).toEqual(names(6, 4));
    for (const request of [0, 1, 3, 4]) answer(request);
    expect((await Promise.all(results)).map(({ message }) => message)).toEqual(names(10));
  });

  it("share a request with other sessions only, and no more than a request may carry", async () => {
    const { send, sent, answer } = line(1);
    const first = send(report("first"));
    const same = names(3).map((name) => send(report(name, "one-session")));
    const many = names(120, 3).map((name) => send(report(name)));
    answer(0);
    await first;
    await settled();
    expect(sent[1]).toEqual(["r0", ...names(99, 3)]);
    answer(1);
    await settled();
    expect(sent[2]).toEqual(["r1", ...names(21, 102)]);
    answer(2);
    await settled();
    expect(sent[3]).toEqual(["r2"]);
    answer(3);
    const all = await Promise.all([...same, ...many]);
    expect(all.map(({ message }) => message)).toEqual(names(123));
  });

  it("fail together when their request fails, and those behind them go on", async () => {
    const { send, answer, fail, sent } = line(1);
    const first = send(report("first"));
    const two = [send(report("a")), send(report("b"))];
    answer(0);
    await first;
    await settled();
    const after = send(report("c"));
    const lost = new Error("no line");
    fail(1, lost);
    expect(await Promise.allSettled(two)).toEqual([
      { status: "rejected", reason: lost },
      { status: "rejected", reason: lost },
    ]);
    await settled();
    expect(sent[2]).toEqual(["c"]);
    answer(2);
    expect((await after).status).toBe("accepted");
  });

  it("are asked again in halves when a request cannot be read, so that the record at fault fails alone", async () => {
    const bad = new ApiError(400, { code: "invalid_request" }, null, null);
    let isFirst = true;
    let letGo = () => {};
    const send = reportTogether(async (reports) => {
      if (isFirst) {
        isFirst = false;
        await new Promise<void>((resolve) => (letGo = resolve));
      }
      if (reports.some(({ idempotencyKey }) => idempotencyKey === "r3")) throw bad;
      return reports.map(({ idempotencyKey }) => ({ status: "accepted", message: idempotencyKey }));
    }, 1);
    const first = send(report("first"));
    const results = names(7).map((name) => send(report(name)));
    letGo();
    await first;
    const outcomes = await Promise.allSettled(results);
    expect(outcomes.map(({ status }) => status)).toEqual(
      names(7).map((name) => (name === "r3" ? "rejected" : "fulfilled")),
    );
    expect(outcomes[3]).toMatchObject({ reason: bad });
  });

  it("go each by itself in Workers, where one request may not wait for another's", () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    const sent: number[] = [];
    const send = reportTogether((reports) => {
      sent.push(reports.length);
      return new Promise(() => {});
    });
    for (const name of names(30)) void send(report(name));
    expect(sent).toEqual(Array(30).fill(1));
    vi.unstubAllGlobals();
  });
});

it("`consume` shares requests, and each call hears of its own record", async () => {
  const api = await fakeApi(async ({ body }) => {
    const { events } = body as { events: UsageReport[] };
    await settled();
    return {
      body: {
        results: events.map(({ sessionId }) => ({
          status: sessionId === "s-7" ? "tokens_depleted" : "accepted",
          sessionId,
        })),
      },
    };
  });
  const marketplace = new Marketplace({ apiKey: "mk_live_abc", baseUrl: api.origin });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => marketplace.tokens.consume({ sessionId: `s-${index}`, amount: 1 })),
  );
  for (const [index, outcome] of outcomes.entries())
    if (index === 7) expect(outcome).toMatchObject({ reason: expect.any(ReportRefusedError) });
    else expect(outcome).toMatchObject({ value: { status: "accepted", sessionId: `s-${index}` } });
  expect(api.heard.length).toBeGreaterThanOrEqual(REQUESTS_AT_ONCE + 1);
  expect(api.heard.length).toBeLessThan(12);
});
