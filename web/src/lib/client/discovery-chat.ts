// The discovery chat's endpoints. The answer is a stream, so it does not go through `call`; what it repeats after a lost
// connection is safe by its Idempotency-Key and the last event it heard.

import { eventReader, type ReceivedEvent } from "../event-stream.ts";
import { call } from "./api.ts";
import { API_BASE } from "./base.ts";
import { asApiError, networkError, readProblem } from "./problem.ts";
import { currentAccessToken, refreshSignIn } from "./sign-in.svelte.ts";

export interface ChatBody {
  message: string;
  conversationId: string | null;
  remove: string[];
  language: string;
}
export interface ToldConversation {
  conversationId: string;
  turns: { turn: number; message: string; events: ReceivedEvent[] }[];
}

const pathOf = (id: string): string => `/v1/chat/discovery/${encodeURIComponent(id)}`;
export const readConversation = (id: string) => call<ToldConversation>(pathOf(id));
export const forgetConversation = (id: string) => call<unknown>(pathOf(id), { method: "DELETE", unkeyed: true });

/**
 * Say something and hear the events of the answer.
 * @throws ApiError; `network` also where the stream ends before its end.
 */
export async function* chat(
  body: ChatBody,
  request: { key: string; lastEventId: string | null; signal: AbortSignal },
): AsyncGenerator<ReceivedEvent> {
  let response = await send(body, request);
  if (response.status === 401 && (await refreshSignIn())) response = await send(body, request);
  if (!response.ok || !response.body) throw await readProblem(response);
  const read = eventReader();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw networkError();
      for (const event of read(value)) {
        yield event;
        if (event.event === "done" || event.event === "error") return;
      }
    }
  } catch (thrown) {
    throw asApiError(thrown);
  } finally {
    // Tells the server that nobody listens any more.
    void reader.cancel().catch(() => undefined);
  }
}

function send(
  body: ChatBody,
  { key, lastEventId, signal }: { key: string; lastEventId: string | null; signal: AbortSignal },
): Promise<Response> {
  const token = currentAccessToken();
  return fetch(`${API_BASE}/v1/chat/discovery`, {
    method: "POST",
    headers: {
      Accept: "text/event-stream",
      "Content-Type": "application/json",
      "Idempotency-Key": key,
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(lastEventId && { "Last-Event-ID": lastEventId }),
    },
    body: JSON.stringify(body),
    credentials: "same-origin",
    signal,
  });
}
