// One request to the API: time limit, retries with growing waits, typed errors. Web APIs only, so that it runs in Node,
// Workers, Deno and Bun alike; keep-alive is the runtime's own (Node's fetch pools connections per origin).

import type { Problem } from "../protocol/errors.ts";
import { ApiError, ConnectionError, MarketplaceError } from "./errors.ts";

export interface HttpSettings {
  baseUrl: string;
  apiKey: string;
  /** Milliseconds for one attempt, answer body included. */
  timeoutMs: number;
  /** Further attempts after the first. */
  retries: number;
  fetch: typeof fetch;
  sleep: (ms: number) => Promise<void>;
  random: () => number;
  /** Takes one of the places for requests under way; resolves with how to give it back. */
  takePlace: () => Promise<() => void>;
  /** Hears of every answer. */
  onResponse: (fact: ResponseFact) => void;
}

/** One answer, for your log. It names nothing secret: no key, no body. */
export interface ResponseFact {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  /** What support asks for. */
  requestId: string | null;
  /** 1 is the first. */
  attempt: number;
}

export interface ApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** Instead of the API key, e.g. a launch token. */
  bearer?: string;
  /** One key for all attempts, so that a repeat is answered with the first result. */
  idempotencyKey?: string;
}

/** Requests of one client under way at once; more wait their turn, so that a burst opens no more sockets than this. */
export const REQUESTS_AT_ONCE = 50;
const WAIT_FIRST_MS = 1_000;
const WAIT_MAX_MS = 16_000;
/** A server that asks for more patience than this gets its error handed to the caller, who knows what can wait. */
const RETRY_AFTER_MAX_SECONDS = 60;

/**
 * Send until it is answered. Connection failures, 5xx and 429 are tried again after 1, 2, 4, 8, 16 s plus up to half of
 * that by chance (so that many servers do not return at once), or after `Retry-After`; no other 4xx ever is.
 * Every request of this SDK is safe to repeat: reads, reports with their keys, and commands that name a final state.
 *
 * @throws ApiError for a refusal, ConnectionError when no answer came.
 */
export async function send<Answer>(settings: HttpSettings, request: ApiRequest): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once<Answer>(settings, request, attempt + 1);
    } catch (error) {
      const waitMs = waitBeforeRetry(error, attempt, settings.random());
      if (waitMs === null || attempt >= settings.retries) throw error;
      await settings.sleep(waitMs);
    }
  }
}

/** Milliseconds to wait, or null when trying again is of no use. */
export function waitBeforeRetry(error: unknown, attempt: number, chance: number): number | null {
  const base = Math.min(WAIT_FIRST_MS * 2 ** attempt, WAIT_MAX_MS);
  const wait = base + base * 0.5 * chance;
  if (error instanceof ConnectionError) return wait;
  if (!(error instanceof ApiError) || error.status === null) return null;
  if (error.status < 500 && error.status !== 429) return null;
  if (error.retryAfterSeconds === null) return wait;
  return error.retryAfterSeconds > RETRY_AFTER_MAX_SECONDS ? null : error.retryAfterSeconds * 1_000;
}

/** @returns `takePlace`: first come, first served; a place is held for one attempt, not while waiting for the next. */
export function places(count: number): HttpSettings["takePlace"] {
  let free = count;
  const waiting: (() => void)[] = [];
  const giveBack = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return async () => {
    if (free > 0) free--;
    else await new Promise<void>((resume) => waiting.push(resume));
    return giveBack;
  };
}

async function once<Answer>(settings: HttpSettings, request: ApiRequest, attempt: number): Promise<Answer> {
  let response: Response;
  let text: string;
  const giveBack = await settings.takePlace();
  try {
    response = await settings.fetch(settings.baseUrl + request.path, {
      method: request.method,
      headers: {
        Accept: "application/json",
        Authorization: `Bearer ${request.bearer ?? settings.apiKey}`,
        ...(request.body !== undefined && { "Content-Type": "application/json" }),
        ...(request.idempotencyKey && { "Idempotency-Key": request.idempotencyKey }),
      },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      // The API never redirects; following one could carry the key to another host.
      redirect: "manual",
      signal: AbortSignal.timeout(settings.timeoutMs),
    });
    text = await response.text();
  } catch (cause) {
    if ((cause as Error)?.name === "TimeoutError")
      throw new ConnectionError("timed_out", `No answer within ${settings.timeoutMs} ms.`, { cause });
    throw new ConnectionError("connection_failed", `The marketplace could not be reached at ${settings.baseUrl}.`, {
      cause,
    });
  } finally {
    giveBack();
  }
  const requestId = response.headers.get("x-request-id");
  const path = request.path.split("?", 1)[0]!;
  settings.onResponse({ method: request.method, path, status: response.status, requestId, attempt });
  if (response.status === 204) return undefined as Answer;
  if (response.ok) return readJson<Answer>(text, response.status, requestId);
  throw new ApiError(response.status, readProblem(text), requestId, retryAfterSeconds(response.headers));
}

function readJson<Answer>(text: string, status: number, requestId: string | null): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch (cause) {
    throw new MarketplaceError("unreadable_answer", "The answer is not JSON. Is the base URL right?", {
      status,
      requestId,
      cause,
    });
  }
}

function readProblem(text: string): Partial<Problem> {
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    // A proxy in between answered with its own page; the status says enough.
    return {};
  }
}

function retryAfterSeconds(headers: Headers): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  const seconds = Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
