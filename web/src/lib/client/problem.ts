// A refused or failed call, as the pages show it: a code to translate, the server's words, the request id, and the facts a
// page can act on (`requiredTokens`, `balanceTokens`).

import type { ErrorCode, Problem } from "$protocol/errors.ts";

/** `network`: no answer came. Everything else is the API's own code. */
export type ClientErrorCode = ErrorCode | "network";

export class ApiError extends Error {
  readonly code: ClientErrorCode;
  readonly status: number;
  readonly requestId: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly fields: readonly { field: string; message: string }[];
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ClientErrorCode,
    status: number,
    message: string,
    problem: Partial<Problem> = {},
    retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.requestId = problem.requestId ?? null;
    this.fields = problem.errors ?? [];
    this.facts = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** A whole number among the facts, or null. */
  fact(name: string): number | null {
    const value = this.facts[name];
    return typeof value === "number" ? value : null;
  }
}

export const networkError = (): ApiError => new ApiError("network", 0, "The server could not be reached.");

/** Read the API's refusal; an answer that is no problem document becomes `internal`. */
export async function readProblem(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : null;
  const body: Partial<Problem> | null = await response.json().catch(() => null);
  const requestId = body?.requestId ?? response.headers.get("X-Request-Id") ?? undefined;
  return new ApiError(
    body?.code ?? (response.status === 404 ? "not_found" : "internal"),
    response.status,
    body?.detail ?? body?.title ?? `The server answered ${response.status}.`,
    { ...body, requestId },
    retryAfterSeconds,
  );
}

/** Any thrown thing as an ApiError, so that a page shows one kind. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return thrown instanceof TypeError ? networkError() : new ApiError("internal", 500, String(thrown));
}
