// LLM_BASE_URL: a server of one's own that speaks OpenAI's chat completions, here a small one on loopback, read over real HTTP.

import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ModelRequest } from "../../domain/gateways/language-model.ts";
import { openAiCompatibleModel } from "../../domain/gateways/openai-compatible.ts";
import { ScriptedAi, type Step } from "../support/scripted-ai.ts";

let ai = new ScriptedAi();
let status = 200;
let asked: { body: Record<string, unknown>; authorization: string | null; path: string }[] = [];
let server: ServerType;
let baseUrl = "";

beforeAll(async () => {
  const app = new Hono();
  app.post("*", async (c) => {
    const body = await c.req.json<Record<string, unknown>>();
    asked.push({ body, authorization: c.req.header("Authorization") ?? null, path: c.req.path });
    if (status === 307) return c.redirect("/elsewhere", 307);
    if (status !== 200) return c.json({ error: { message: "you asked: secret" } }, status as 500);
    const answer = await ai.run(String(body.model), body);
    return answer instanceof ReadableStream
      ? c.body(answer as ReadableStream, 200, { "Content-Type": "text/event-stream" })
      : c.json(answer as object);
  });
  await new Promise<void>((resolve) => {
    server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }: AddressInfo) => {
      baseUrl = `http://127.0.0.1:${port}/v1/`;
      resolve();
    });
  });
});
afterAll(() => void server.close());
beforeEach(() => {
  ai = new ScriptedAi();
  status = 200;
  asked = [];
});

const request: ModelRequest = {
  system: "Be brief.",
  messages: [{ role: "user", content: "Hello" }],
  schema: { type: "object" },
  maxTokens: 50,
  signal: new AbortController().signal,
};
const own = (step: Step, key: string | null = null) => {
  ai.next(step);
  return openAiCompatibleModel({ baseUrl, model: "llama3.2", key }, "local");
};

describe("a model of one's own", () => {
  it("streams over HTTP, key and all, and tells its use", async () => {
    const heard: unknown[] = [];
    const model = own({ text: "Hi there.", usage: { prompt_tokens: 9, completion_tokens: 3 } }, "sk-own");
    for await (const part of model.stream(request)) heard.push(part);
    expect(heard).toEqual([{ text: "Hi " }, { text: "there." }, { usage: { inputTokens: 9, outputTokens: 3 } }]);
    expect(asked[0]).toMatchObject({
      path: "/v1/chat/completions",
      authorization: "Bearer sk-own",
      body: { model: "llama3.2", stream: true, messages: [{ role: "system", content: "Be brief." }, { role: "user" }] },
    });
  });

  it("answers JSON, asked for with OpenAI's envelope", async () => {
    expect(await own({ text: '{"need":"x"}' }).json(request)).toMatchObject({ value: { need: "x" } });
    expect(asked[0]!.authorization).toBeNull();
    expect(asked[0]!.body.response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "answer", schema: { type: "object" } },
    });
  });

  it("says what its status means and nothing that its message says", async () => {
    status = 503;
    const error: unknown = await own({ empty: true })
      .json(request)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(String(error)).not.toContain("secret");
  });

  it("is not followed elsewhere: what people write goes where the operator said, and nowhere else", async () => {
    status = 307;
    await expect(own({ empty: true }).json(request)).rejects.toMatchObject({ code: "unavailable", retryable: false });
    expect(asked).toHaveLength(1);
  });

  it("is unavailable when nothing listens there", async () => {
    const nobody = openAiCompatibleModel({ baseUrl: "http://127.0.0.1:9/v1", model: "x", key: null }, "local");
    await expect(nobody.json(request)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is reached over https only, in production", () => {
    expect(() => openAiCompatibleModel({ baseUrl, model: "x", key: null }, "production")).toThrow("https");
  });
});
