// One model of Workers AI as we read it: both formats of the platform, torn into pieces of any size, and everything that can go
// wrong with an answer.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ModelError, type ModelPart, type ModelRequest } from "../../domain/gateways/language-model.ts";
import { modelErrorOf, modelErrorOfStatus, ModelMissing } from "../../domain/gateways/model-errors.ts";
import { FIRST_WORDS_MS } from "../../domain/gateways/streamed-answer.ts";
import { jsonInputs, proseInputs, workersAiModel } from "../../domain/gateways/workers-ai.ts";
import { ScriptedAi, type Step } from "../support/scripted-ai.ts";

const GLM = "@cf/zai-org/glm-4.7-flash";
const TEXT = "Proseline füllt das: [[card:1]] – 日本語 too, 🧪.";
const USAGE = { prompt_tokens: 321, completion_tokens: 12 };

const ask = (rest: Partial<ModelRequest> = {}): ModelRequest => ({
  system: "You are brief.",
  messages: [{ role: "user", content: "Hello" }],
  maxTokens: 100,
  signal: new AbortController().signal,
  ...rest,
});
async function listen(step: Step): Promise<{ text: string; usage: unknown; error: ModelError | null; ai: ScriptedAi }> {
  const ai = new ScriptedAi().next(step);
  let text = "";
  let usage: unknown = null;
  try {
    for await (const part of workersAiModel(ai, GLM).stream(ask())) {
      if ("text" in part) text += part.text;
      else usage = part.usage;
    }
  } catch (error) {
    return { text, usage, error: error as ModelError, ai };
  }
  return { text, usage, error: null, ai };
}

describe("a streamed answer", () => {
  it.each(["chat", "native"] as const)(
    "is read in the %s format, whatever the pieces, with the use of the whole call",
    async (format) => {
      for (const pieceBytes of [1, 37, 100_000]) {
        const { text, usage, error } = await listen({ text: TEXT, format, usage: USAGE, pieceBytes });
        expect({ text, usage, error }).toEqual({
          text: TEXT,
          usage: { inputTokens: 321, outputTokens: 12 },
          error: null,
        });
      }
    },
  );

  it("keeps the words that came before it was cut off, says what they used, and that they are not all", async () => {
    for (const ends of ["cut", "broken"] as const) {
      const { text, error } = await listen({ text: "Half of", ends });
      expect(text).toBe("Half of");
      expect(error).toMatchObject({ code: "truncated", retryable: true });
    }
  });

  it("says when it reached its length, which asking again would not change", async () => {
    const { text, usage, error } = await listen({ text: "too long", finish: "length", usage: USAGE });
    expect(text).toBe("too long");
    expect(usage).toEqual({ inputTokens: 321, outputTokens: 12 });
    expect(error).toMatchObject({ code: "truncated", retryable: false });
  });

  it("is no answer when the model only thought, or said nothing", async () => {
    expect(await listen({ reasoning: "Let me see." })).toMatchObject({ text: "", error: { code: "bad_answer" } });
    expect(await listen({ empty: true })).toMatchObject({ text: "", error: { code: "bad_answer" } });
  });

  it("carries the platform's error, before the first words and after them", async () => {
    expect(await listen({ error: "3040: Capacity temporarily exceeded" })).toMatchObject({
      text: "",
      error: { code: "unavailable", retryable: true },
    });
    expect(await listen({ text: "Well, ", ends: { error: "3007: Timeout" } })).toMatchObject({
      text: "Well, ",
      error: { code: "timeout", retryable: true },
    });
  });

  it("is given back when the reader leaves, so that nothing goes on being made", async () => {
    const ai = new ScriptedAi().next({ text: TEXT.repeat(20) });
    const heard: ModelPart[] = [];
    for await (const part of workersAiModel(ai, GLM).stream(ask())) {
      heard.push(part);
      break;
    }
    expect(heard).toHaveLength(1);
    await vi.waitFor(() => expect(ai.cancelled).toBe(1));
  });
});

describe("time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("runs out when the first words do not come, and the late stream is given back unread", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const ai = new ScriptedAi().next({ held, next: { text: TEXT } });
    const first = workersAiModel(ai, GLM).stream(ask())[Symbol.asyncIterator]().next();
    const refused = first.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(FIRST_WORDS_MS);
    expect(await refused).toMatchObject({ code: "timeout", retryable: true });
    release();
    await vi.waitFor(() => expect(ai.cancelled).toBe(1));
  });

  it("is not waited for once the person is gone", async () => {
    const gone = new AbortController();
    const ai = new ScriptedAi().next({ held: new Promise<void>(() => undefined), next: { empty: true } });
    const first = workersAiModel(ai, GLM)
      .stream(ask({ signal: gone.signal }))
      [Symbol.asyncIterator]()
      .next();
    const refused = first.catch((error: unknown) => error);
    gone.abort();
    expect(await refused).toBeInstanceOf(ModelError);
  });

  it("runs out for JSON too", async () => {
    const ai = new ScriptedAi().next({ held: new Promise<void>(() => undefined), next: { json: {} } });
    const refused = workersAiModel(ai, GLM)
      .json(ask())
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await refused).toMatchObject({ code: "timeout" });
  });
});

describe("JSON mode", () => {
  const json = (step: Step) =>
    workersAiModel(new ScriptedAi().next(step), GLM).json(ask({ schema: { type: "object" } }));

  it("reads an object, text that is JSON, and JSON inside a fence, and says what they used", async () => {
    const value = { need: "transcribe", list: [1] };
    const usage = { inputTokens: 321, outputTokens: 12 };
    expect(await json({ json: value, usage: USAGE })).toEqual({ value, usage });
    expect(await json({ json: value, asText: true, usage: USAGE })).toEqual({ value, usage });
    const fenced = `Sure:\n\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;
    expect(await json({ text: fenced, usage: USAGE })).toEqual({ value, usage });
  });

  it("refuses what is no JSON, nothing, thoughts only, and an answer that reached its length", async () => {
    const code = (step: Step) =>
      json(step).then(
        () => "read",
        (error: ModelError) => error.code,
      );
    expect(await code({ text: "I would rather not." })).toBe("bad_answer");
    expect(await code({ empty: true })).toBe("bad_answer");
    expect(await code({ reasoning: "hm" })).toBe("bad_answer");
    expect(await code({ text: '{"need": "tr', finish: "length" })).toBe("truncated");
    expect(await code({ error: "5024: JSON Mode couldn't be met" })).toBe("bad_answer");
  });

  it("asks in the shapes the platform's types declare, without thinking aloud where that can be told", () => {
    const request = ask({ schema: { type: "object", properties: { need: { type: "string" } } } });
    const glm: AiModels["@cf/zai-org/glm-4.7-flash"]["inputs"] = proseInputs(GLM, request);
    const gemma: AiModels["@cf/google/gemma-4-26b-a4b-it"]["inputs"] = jsonInputs(
      "@cf/google/gemma-4-26b-a4b-it",
      request,
    );
    expect(glm).toMatchObject({ stream: true, max_tokens: 100, chat_template_kwargs: { enable_thinking: false } });
    expect(gemma).toMatchObject({ temperature: 0, response_format: { type: "json_schema" } });
    expect(jsonInputs("@cf/ibm-granite/granite-4.0-h-micro", request)).not.toHaveProperty("chat_template_kwargs");
  });
});

describe("what an error means", () => {
  it.each([
    ["3036: Account has used its daily free allocation", "quota", false, false],
    ["3040: Capacity temporarily exceeded", "unavailable", true, false],
    ["3007: Request timed out", "timeout", true, false],
    ["5007: No such model @cf/x/y or task", "unavailable", false, true],
    ["3042: Model not found", "unavailable", false, true],
    ["5016: Model agreement not accepted", "unavailable", false, true],
    ["Network connection lost.", "unavailable", true, false],
  ])("%s", (message, code, retryable, isMissing) => {
    const error = modelErrorOf(Object.assign(new Error(message), { name: "InferenceUpstreamError" }));
    expect(error).toMatchObject({ code, retryable });
    expect(error instanceof ModelMissing).toBe(isMissing);
  });

  it("repeats nothing of what somebody else's message says", () => {
    const error = modelErrorOf(new Error("9999: bad input: 'my secret need'"));
    expect(error.message).not.toContain("secret");
  });

  it.each([
    [404, "", "unavailable", false],
    [429, "slow down", "unavailable", true],
    [429, '{"error":{"code":"insufficient_quota"}}', "quota", false],
    [503, "", "unavailable", true],
    [401, "", "unavailable", false],
    [504, "", "timeout", true],
  ])("HTTP %i %s", (status, body, code, retryable) => {
    expect(modelErrorOfStatus(status, body)).toMatchObject({ code, retryable });
  });
});
