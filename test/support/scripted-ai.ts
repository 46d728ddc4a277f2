// Workers AI as a script: answers what a test says next, in the platform's own words and stream formats, and keeps what it was
// asked. It never sleeps: a delay ends when the test says so.

import type { AiBinding } from "../../domain/gateways/workers-ai.ts";

/** Held against production's bundle by test/scripts/bundle.test.ts. */
export const SCRIPTED_AI_SENTINEL = "scripted-ai: answers that a test has written";

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}
type Format = "chat" | "native";
export type Step =
  /** A whole answer: streamed where a stream is asked for. */
  | { text: string; format?: Format; usage?: Usage; finish?: string; pieceBytes?: number }
  /** JSON mode's answer: an object, or text as some models leave it. */
  | { json: unknown; asText?: boolean; usage?: Usage }
  /** Thinks aloud, says nothing. */
  | { reasoning: string }
  /** Ends without words. */
  | { empty: true }
  /** Before the first byte: `<number>: <description>`, as the binding throws it. */
  | { error: string }
  /** After the first words: inside the stream, or by cutting it without `[DONE]`. */
  | { text: string; ends: "cut" | "broken" | { error: string } }
  /** Never, until `release` is called; then what follows. */
  | { held: Promise<void>; next: Step }
  /** Vectors, one a text. */
  | { vectors: (text: string) => number[] }
  | { ranking: { id: number; score: number }[] };

export interface Call {
  model: string;
  inputs: Record<string, unknown>;
  options: unknown;
}
const USAGE: Usage = { prompt_tokens: 120, completion_tokens: 40 };

export class ScriptedAi implements AiBinding {
  readonly calls: Call[] = [];
  /** Streams somebody gave back before their end. */
  cancelled = 0;
  #steps: Step[] = [];
  /** What is answered when the script is at its end. */
  otherwise: Step = { error: "5007: No such model" };

  readonly sentinel = SCRIPTED_AI_SENTINEL;

  next(...steps: Step[]): this {
    this.#steps.push(...steps);
    return this;
  }

  run = async (model: string, inputs: Record<string, unknown>, options?: unknown): Promise<unknown> => {
    this.calls.push({ model, inputs: structuredClone(inputs), options });
    return this.#answer(this.#steps.shift() ?? this.otherwise, inputs);
  };

  async #answer(step: Step, inputs: Record<string, unknown>): Promise<unknown> {
    if ("held" in step) {
      await step.held;
      return this.#answer(step.next, inputs);
    }
    if ("error" in step) throw Object.assign(new Error(step.error), { name: "InferenceUpstreamError" });
    if ("vectors" in step) {
      const data = [inputs.text].flat().map((text) => step.vectors(String(text)));
      return { shape: [data.length, data[0]?.length ?? 0], data, pooling: "cls" };
    }
    if ("ranking" in step) return { response: step.ranking };
    if ("json" in step) {
      const { json, asText, usage = USAGE } = step;
      return asText ? { response: JSON.stringify(json), usage } : { response: json, usage };
    }
    if (inputs.stream !== true) return wholeAnswer(step);
    const pieceBytes = "pieceBytes" in step ? step.pieceBytes : undefined;
    return this.#stream(eventsOf(step), pieceBytes ?? 37, "ends" in step && step.ends === "broken");
  }

  /** The events in pieces of so many bytes, so that lines and characters are torn apart; asked for one at a time. */
  #stream(events: string, pieceBytes: number, breaks: boolean): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(events);
    let at = 0;
    // A stream of bytes, because no other crosses RPC. The Workers' types know the constructor for other streams only.
    return new ReadableStream({
      type: "bytes" as "",
      pull: (controller: ReadableStreamDefaultController<Uint8Array>) => {
        if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += pieceBytes)));
        else if (breaks) controller.error(new Error("Network connection lost."));
        else controller.close();
      },
      cancel: () => void (this.cancelled += at < bytes.length ? 1 : 0),
    });
  }
}

const event = (data: unknown): string => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const chunk = (delta: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_795_600_000,
  model: "scripted",
  choices: [{ index: 0, delta, finish_reason: null, ...(rest.choice as object | undefined) }],
  ...(rest.usage ? { usage: rest.usage } : {}),
});

/** As the platform sends them: the use of each piece with it, the use of the whole call last, then `[DONE]`. */
function eventsOf(step: Exclude<Step, { held: Promise<void> } | { json: unknown } | { vectors: unknown }>): string {
  if ("empty" in step)
    return (
      event(chunk({ role: "assistant", content: "" })) +
      event(chunk({}, { choice: { finish_reason: "stop" } })) +
      event("[DONE]")
    );
  if ("reasoning" in step)
    return (
      event(chunk({ role: "assistant", content: null, reasoning_content: step.reasoning })) +
      event(chunk({}, { choice: { finish_reason: "stop" } })) +
      event("[DONE]")
    );
  if (!("text" in step)) return event("[DONE]");
  const words = step.text.match(/\S+\s*|\s+/gu) ?? [];
  if ("ends" in step) {
    const begun = words.map((word) => event(chunk({ content: word }))).join("");
    return typeof step.ends === "object" ? begun + event({ error: step.ends.error }) : begun;
  }
  const usage = step.usage ?? USAGE;
  if (step.format === "native")
    return (
      words.map((word) => event({ response: word, p: "abdefgh" })).join("") +
      event({ response: "", usage, ...(step.finish && { finish_reason: step.finish }) }) +
      event("[DONE]")
    );
  return (
    event(
      chunk(
        { role: "assistant", content: "" },
        { usage: { prompt_tokens: usage.prompt_tokens, completion_tokens: 0 } },
      ),
    ) +
    words
      .map((word) => event(chunk({ content: word }, { usage: { prompt_tokens: 0, completion_tokens: 1 } })))
      .join("") +
    event(chunk({}, { choice: { finish_reason: step.finish ?? "stop" } })) +
    event({ id: "chatcmpl-1", object: "chat.completion.chunk", choices: [], usage }) +
    event({ response: "", usage }) +
    event("[DONE]")
  );
}

function wholeAnswer(step: Step): unknown {
  const text = "text" in step ? step.text : "";
  const reasoning = "reasoning" in step ? step.reasoning : undefined;
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: text, ...(reasoning && { reasoning_content: reasoning }) },
        finish_reason: ("finish" in step && step.finish) || "stop",
      },
    ],
    usage: ("usage" in step && step.usage) || USAGE,
  };
}
