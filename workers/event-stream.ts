// Server-sent events (WHATWG HTML, 9.2) as the answer to a request: numbered, with a comment as a sign of life, and a signal
// that is aborted when the reader is gone.

export interface SentEvent {
  id: string;
  event: string;
  data: unknown;
}

/** Proxies close a connection that is silent for a minute or less. */
const HEARTBEAT_MS = 15_000;

/**
 * @param tell Makes the events; runs to its end, or to the abort of its signal.
 * @param keepAlive The platform's `waitUntil`: what `tell` does after the reader has gone is still done.
 */
export function eventStream(
  tell: (signal: AbortSignal) => AsyncIterable<SentEvent> | Iterable<SentEvent>,
  headers: Record<string, string>,
  keepAlive: (work: Promise<unknown>) => void,
): Response {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => {
        if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const heartbeat = setInterval(() => write(": still here\n\n"), HEARTBEAT_MS);
      const work = (async () => {
        try {
          for await (const event of tell(gone.signal)) write(textOf(event));
          if (!gone.signal.aborted) controller.close();
        } catch (error) {
          if (!gone.signal.aborted) controller.error(error);
        } finally {
          clearInterval(heartbeat);
        }
      })();
      keepAlive(work);
    },
    cancel() {
      gone.abort();
    },
  });
  return new Response(body, {
    headers: { ...headers, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" },
  });
}

/** JSON has no line ends of its own, so one `data` line is enough. */
const textOf = ({ id, event, data }: SentEvent): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
