// The samples that the product's research shows for the server SDK, run as they stand there, character for character.

import { compileFunction } from "node:vm";
import { afterEach, expect, it, vi } from "vitest";
import { Marketplace, MarketplaceError } from "../../sdk/src/server/marketplace.ts";

const CLIENT = `
const client = new Marketplace({
  apiKey: 'mk_live_abc123',
  timeout: 30000,
  retries: 3
});
`;
const SESSION = `
const session = await client.sessions.create({
  userId: 'user_123',
  estimatedDuration: 3600,
  estimatedTokens: 5000
});
`;
const CONSUME = `
await client.tokens.consume({
  sessionId: session.id,
  amount: 150
});
`;

/** Runs sample text with the names it uses; answers what `wanted` is at its end. */
function run(text: string, wanted: string, names: Record<string, unknown>): Promise<unknown> {
  const body = `return (async () => { ${text}; return ${wanted}; })()`;
  const sample = compileFunction(body, Object.keys(names)) as (...values: unknown[]) => Promise<unknown>;
  return sample(...Object.values(names));
}

afterEach(() => vi.unstubAllGlobals());

it("makes the client, and asks for the person's consent where the sample creates a session", async () => {
  const session = await run(CLIENT + SESSION, "session", { Marketplace });
  expect(session).toEqual({
    id: null,
    status: "consent_needed",
    consentUrl: "https://meterplace.example/apps?minutes=60",
  });
});

it("refuses to consume before that consent, and says where the person must go", async () => {
  const sent = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", sent);
  const error = await run(CLIENT + SESSION + CONSUME, "session", { Marketplace }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MarketplaceError);
  expect(error).toMatchObject({ code: "consent_needed", message: expect.stringContaining("consentUrl") as string });
  expect(sent).not.toHaveBeenCalled();
});

it("consumes 150 tokens in the session the person started", async () => {
  const sent = vi.fn<typeof fetch>(() => Promise.resolve(Response.json({ results: [{ status: "accepted" }] })));
  vi.stubGlobal("fetch", sent);
  await run(CLIENT + CONSUME, "null", { Marketplace, session: { id: "s-1" } });
  const [url, init] = sent.mock.calls[0]!;
  expect(url).toBe("https://api.meterplace.example/v1/provider/tokens/report");
  expect(new Headers(init!.headers).get("authorization")).toBe("Bearer mk_live_abc123");
  expect(JSON.parse(init!.body as string)).toEqual({
    events: [{ sessionId: "s-1", amount: 150, idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/) as string }],
  });
});

it("means what the sample says: three further attempts", async () => {
  vi.useFakeTimers();
  const sent = vi.fn<typeof fetch>(() => Promise.resolve(new Response("", { status: 503 })));
  vi.stubGlobal("fetch", sent);
  const failed = run(CLIENT + CONSUME, "null", { Marketplace, session: { id: "s-1" } }).catch(
    (caught: unknown) => caught,
  );
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect(await failed).toMatchObject({ status: 503 });
  expect(sent).toHaveBeenCalledTimes(4);
});
