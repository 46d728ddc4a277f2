// A streamed answer within its time, whoever gives it: the first words within seconds, then no long silence. Where it takes
// longer, or nobody reads any more, the stream is given back, so that nothing goes on being made and paid for.

import { inTime } from "./in-time.ts";
import type { ModelPart } from "./language-model.ts";
import { readModelStream } from "./model-stream.ts";

/** Until the first words; people then get the embedded engine's answer instead. */
export const FIRST_WORDS_MS = 8_000;
/** Between two pieces. */
export const SILENCE_MS = 10_000;

/**
 * @param open Asks the model. May resolve late; its stream is then given back unread.
 * @throws ModelError `timeout`, and all that `readModelStream` throws.
 */
export async function* streamedAnswer(
  open: () => Promise<ReadableStream<Uint8Array>>,
  signal: AbortSignal,
): AsyncGenerator<ModelPart> {
  const reading = new AbortController();
  const opened = open().then(async (body) => {
    const parts = readModelStream(body, reading.signal);
    return { parts, first: await parts.next() };
  });
  try {
    const { parts, first } = await inTime(opened, { milliseconds: FIRST_WORDS_MS, signal });
    for (let next = first; !next.done; next = await inTime(parts.next(), { milliseconds: SILENCE_MS, signal }))
      yield next.value;
  } finally {
    reading.abort();
  }
}
