// What a page says over its live socket: what a heartbeat says in a request, without the envelope of one.

import { z } from "@hono/zod-openapi";
import { ok, refuse, type Result } from "../domain/result.ts";
import { inWords } from "../workers/issue-words.ts";
import { microOf, PageFacts } from "../workers/page-facts.ts";

/** Room for ten meters with long names. */
const MESSAGE_LENGTH_MAX = 2_048;

const NO_WORDS = 'This is neither "beat" nor a JSON object such as {"action": "heartbeat", "active": true}.';

export interface PageMessage {
  active: boolean;
  actedSecondsAgo?: number | undefined;
  /** In millionths of a unit. */
  observed?: Record<string, number> | undefined;
}

/** `{"type": "active"}` is the first form of `{"active": true}`. */
const Message = PageFacts.extend({ type: z.string().optional() });

/** Refuses with `invalid_request`, and says what to send. */
export function readPageMessage(message: string | ArrayBuffer): Result<PageMessage> {
  // Answered by the platform wherever it can.
  if (message === "beat") return ok({ active: false });
  if (typeof message !== "string" || message.length > MESSAGE_LENGTH_MAX)
    return refuse("invalid_request", `Send text of at most ${MESSAGE_LENGTH_MAX} characters.`);
  const read = Message.safeParse(parsed(message));
  if (!read.success) {
    const { path, message: what } = read.error.issues[0]!;
    return refuse("invalid_request", path.length > 0 ? `${path.join(".")} ${inWords(what)}.` : NO_WORDS);
  }
  const { type, active = type === "active", actedSecondsAgo, observed } = read.data;
  return ok({ active, actedSecondsAgo, observed: microOf(observed) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
