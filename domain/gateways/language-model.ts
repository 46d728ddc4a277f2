// The door to language models: what one is asked and what it may answer. A model fills blanks in what was understood and
// phrases prose; no number, card or order ever comes from it (docs/decisions/0037-a-chat-that-computes.md).

export interface ModelMessage {
  role: "user" | "assistant";
  content: string;
}
export interface ModelRequest {
  system: string;
  messages: readonly ModelMessage[];
  /** JSON Schema of the answer; for `json` only. */
  schema?: Readonly<Record<string, unknown>>;
  maxTokens: number;
  /** Aborts the call: the reader is gone, or it took too long. */
  signal: AbortSignal;
}
/** What a call used, in the model's own units: not tokens of the marketplace. */
export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
}
export type ModelPart = { text: string } | { usage: ModelUsage };

/** One model, wherever it runs. */
export interface LanguageModel {
  /** Shown to people as `meta.model`. */
  name: string;
  /** One JSON value. What it holds is not trusted: the caller checks it. @throws ModelError */
  json: (request: ModelRequest) => Promise<{ value: unknown; usage: ModelUsage }>;
  /** Text in pieces of any length, and its use last. @throws ModelError */
  stream: (request: ModelRequest) => AsyncIterable<ModelPart>;
}

/**
 * - `unavailable`: no answer or an error of the model's side
 * - `timeout`: not in time
 * - `quota`: a budget or the day's allowance is used up
 * - `truncated`: the answer ended before its end
 * - `bad_answer`: an answer that cannot be read
 */
export type ModelErrorCode = "unavailable" | "timeout" | "quota" | "truncated" | "bad_answer";

export class ModelError extends Error {
  readonly code: ModelErrorCode;
  /** Whether the same call may succeed in a moment. */
  readonly retryable: boolean;

  constructor(code: ModelErrorCode, retryable: boolean, message: string) {
    super(message);
    this.name = "ModelError";
    this.code = code;
    this.retryable = retryable;
  }
}
