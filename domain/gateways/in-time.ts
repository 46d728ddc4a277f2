// Waiting for somebody else, but not for ever.

import { ModelError } from "./language-model.ts";

/**
 * What `promise` gives, or ModelError `timeout` after `milliseconds`, or `unavailable` when `signal` says nobody waits any
 * more. What comes after that is dropped.
 */
export async function inTime<Value>(
  promise: Promise<Value>,
  { milliseconds, signal }: { milliseconds: number; signal?: AbortSignal },
): Promise<Value> {
  let stop = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new ModelError("timeout", true, "no answer in time")), milliseconds);
    const gone = (): void => reject(new ModelError("unavailable", false, "nobody waits for the answer any more"));
    if (signal?.aborted) gone();
    signal?.addEventListener("abort", gone, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", gone);
    };
  });
  // Whoever lost the race has nobody to tell.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, over]);
  } finally {
    stop();
  }
}
