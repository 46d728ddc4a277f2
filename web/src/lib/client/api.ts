// One call to the API: signs it, makes mutations repeatable, refreshes a stale sign-in once, and turns refusals into
// ApiError. Endpoints are named in endpoints.ts.

import { API_BASE, type Fetch } from "./base.ts";
import { answered, keyFor } from "./idempotency.ts";
import { ApiError, asApiError, networkError, readProblem } from "./problem.ts";
import { currentAccessToken, forgetSignIn, refreshSignIn } from "./sign-in.svelte.ts";

export interface CallOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  query?: Record<string, string | number | null | undefined>;
  /** `none` for public data and for signing in itself. */
  signIn?: "required" | "none";
  /** SvelteKit's fetch while a page is drawn on the server. */
  fetch?: Fetch;
  signal?: AbortSignal;
  /** Leaves the sign-in endpoints without an Idempotency-Key: they are repeatable by their own means. */
  unkeyed?: boolean;
  /** A file of text instead of JSON. */
  as?: "text";
}

/** Waits before the second and third try, in milliseconds. */
const RETRY_DELAYS_MS = [300, 1200];

/**
 * @throws ApiError, always: `network` when no answer came, `unauthenticated` after the sign-in could not be renewed.
 */
export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const method = options.method ?? "GET";
  const intent = `${method} ${path}${queryString(options.query)}`;
  const key = method === "GET" || options.unkeyed ? null : keyFor(intent, options.body);
  // Only what can be repeated without harm is repeated by itself.
  const tries = method === "GET" || key ? RETRY_DELAYS_MS.length + 1 : 1;

  let failure: ApiError = networkError();
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt > 0) await wait(Math.max(RETRY_DELAYS_MS[attempt - 1] ?? 0, (failure.retryAfterSeconds ?? 0) * 1000));
    const answer = await attemptCall<Answer>(path, method, key, options);
    if (!(answer instanceof ApiError)) {
      if (key) answered(intent, options.body);
      return answer;
    }
    failure = answer;
    if (!isWorthRepeating(failure) || options.signal?.aborted) break;
  }
  if (key && !isUncertain(failure)) answered(intent, options.body);
  throw failure;
}

async function attemptCall<Answer>(
  path: string,
  method: string,
  key: string | null,
  options: CallOptions,
): Promise<Answer | ApiError> {
  try {
    let response = await send(path, method, key, options);
    if (response.status === 401 && options.signIn !== "none") {
      if (!(await refreshSignIn())) return readProblem(response);
      response = await send(path, method, key, options);
      if (response.status === 401) forgetSignIn(true);
    }
    if (!response.ok) return await readProblem(response);
    if (options.as === "text") return (await response.text()) as Answer;
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  } catch (thrown) {
    return asApiError(thrown);
  }
}

function send(path: string, method: string, key: string | null, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const token = options.signIn === "none" ? null : currentAccessToken();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  return (options.fetch ?? fetch)(`${API_BASE}${path}${queryString(options.query)}`, {
    method,
    headers,
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
    // The refresh cookie goes to the sign-in endpoints alone.
    credentials: path.startsWith("/v1/auth/") ? "include" : "same-origin",
    signal: options.signal,
  });
}

function queryString(query: CallOptions["query"]): string {
  const entries = Object.entries(query ?? {}).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  return entries.length > 0 ? `?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))}` : "";
}

/** The server may have acted although we do not know it. */
const isUncertain = (error: ApiError): boolean =>
  error.code === "network" || error.status >= 500 || error.code === "idempotency_in_progress" || error.status === 401;

const isWorthRepeating = (error: ApiError): boolean =>
  error.code === "network"
    ? typeof navigator === "undefined" || navigator.onLine
    : error.status === 503 || error.code === "idempotency_in_progress";

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
