// The stream the chat answers with, on a clock that is set.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { eventStream, type SentEvent } from "../../workers/event-stream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EVENT: SentEvent = { id: "1", event: "delta", data: { text: "a" } };
const SENT = 'id: 1\nevent: delta\ndata: {"text":"a"}\n\n';

/** A turn that says one thing, then waits until it is let go on or nobody listens any more. */
function slowTurn() {
  let goOn!: () => void;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  let isLeft = false;
  const answer = eventStream(
    async function* (signal) {
      signal.addEventListener("abort", () => (isLeft = true));
      yield EVENT;
      await gate;
      if (!signal.aborted) yield { ...EVENT, id: "2" };
    },
    {},
    () => undefined,
  );
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  return { goOn, reader, next: async () => (await reader.read()).value, wasLeft: () => isLeft };
}

it("says every fifteen seconds of silence that it is still there, in a comment no reader takes for an event", async () => {
  const { next, goOn } = slowTurn();
  expect(await next()).toBe(SENT);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await next()).toBe(": still here\n\n");
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await next()).toBe(": still here\n\n");
  goOn();
  expect(await next()).toBe(SENT.replace("1", "2"));
  expect(await next()).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

it("says nothing before the fifteen seconds are over", async () => {
  const { next, goOn } = slowTurn();
  expect(await next()).toBe(SENT);
  await vi.advanceTimersByTimeAsync(14_999);
  goOn();
  expect(await next()).toBe(SENT.replace("1", "2"));
});

it("tells the turn that its reader has gone, and beats no more once the turn is over", async () => {
  const { next, reader, goOn, wasLeft } = slowTurn();
  await next();
  await reader.cancel();
  expect(wasLeft()).toBe(true);
  goOn();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});
