// The one endpoint a page talks to.

import type { SyncAction, SyncResponse } from "../protocol/session.ts";

const TIMEOUT_MS = 10_000;

/** @throws SdkError with the API's code and status; without a status when no answer came. */
export async function postSync(
  api: string,
  bearer: string,
  action: SyncAction,
  facts: { nonce?: string; active?: boolean; actedSecondsAgo?: number; observed?: Record<string, number> | undefined },
  keepalive = false,
): Promise<SyncResponse> {
  const response = await fetch(api + "/v1/provider/sessions/sync", {
    method: "POST",
    headers: { Authorization: "Bearer " + bearer, "Content-Type": "application/json" },
    body: JSON.stringify({ action, ...facts }),
    keepalive,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  // The problem's own facts come along: `code`, `requestId`, and the final state of a session that is over.
  throw Object.assign(new Error(body.detail), body, { status: response.status });
}
