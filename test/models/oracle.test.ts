// Whether our scripted Workers AI speaks like the platform: an independent client, Cloudflare's own provider for the AI SDK, reads
// its streams, answers and errors. What it understands, our reader is tested against in speaking.test.ts.

import { embed, generateText, streamText } from "ai";
import { describe, expect, it } from "vitest";
import { createWorkersAI } from "workers-ai-provider";
import { ScriptedAi, type Step } from "../support/scripted-ai.ts";

const MODEL = "@cf/zai-org/glm-4.7-flash";
const client = (ai: ScriptedAi) => createWorkersAI({ binding: ai as unknown as Ai });
const stream = (step: Step) => {
  const errors: unknown[] = [];
  const result = streamText({
    model: client(new ScriptedAi().next(step))(MODEL),
    prompt: "Hello",
    maxRetries: 0,
    onError: ({ error }) => void errors.push(error),
  });
  return { result, errors };
};

describe("the AI SDK's provider for Workers AI", () => {
  it.each(["chat", "native"] as const)(
    "reads a stream of the %s format in 37-byte pieces, its end and its use",
    async (format) => {
      const text = "Voxscript types it up: über 90 tokens, 日本語.";
      const { result } = stream({ text, format, usage: { prompt_tokens: 321, completion_tokens: 12 } });
      expect(await result.text).toBe(text);
      expect(await result.finishReason).toBe("stop");
      expect(await result.totalUsage).toMatchObject({ inputTokens: 321, outputTokens: 12 });
    },
  );

  it("reads thoughts as thoughts, and a cut stream as an error", async () => {
    const thinking = stream({ reasoning: "Let me see." });
    expect(await thinking.result.reasoningText).toBe("Let me see.");
    expect(await thinking.result.text).toBe("");
    const cut = stream({ text: "Half of", ends: "cut" });
    expect(await cut.result.text).toBe("Half of");
    expect(await cut.result.finishReason).toBe("error");
  });

  it("takes an error for what it is: retryable when out of capacity, not when the model is not there", async () => {
    const ask = async (error: string): Promise<unknown> =>
      generateText({ model: client(new ScriptedAi().next({ error }))(MODEL), prompt: "Hello", maxRetries: 0 }).catch(
        (thrown: unknown) => thrown,
      );
    expect(await ask("3040: Capacity temporarily exceeded")).toMatchObject({ statusCode: 429, isRetryable: true });
    expect(await ask("5007: No such model")).toMatchObject({ statusCode: 400, isRetryable: false });
  });

  it("reads a whole answer and vectors", async () => {
    const whole = await generateText({
      model: client(new ScriptedAi().next({ text: "Yes." }))(MODEL),
      prompt: "Hello",
    });
    expect(whole.text).toBe("Yes.");
    const ai = new ScriptedAi().next({ vectors: () => [0.6, 0.8] });
    const { embedding } = await embed({ model: client(ai).textEmbedding("@cf/baai/bge-m3"), value: "hello" });
    expect(embedding).toEqual([0.6, 0.8]);
  });
});
