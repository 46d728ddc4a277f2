// Turns what was thrown into the answer: RFC 9457 on /v1, `{"error": text}` on /api. Rich inside, plain outside: our own
// bugs say nothing but the request id.

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { DomainError, type ErrorCode } from "../../domain/errors.ts";
import { apiErrorText } from "../compat/error-text.ts";
import { PROBLEM_TITLE, type AppEnv } from "../http.ts";

export function onError(error: unknown, c: Context<AppEnv>): Response {
  const refusal = asRefusal(error);
  if (!refusal) {
    console.error(
      JSON.stringify({
        message: "request failed",
        requestId: c.get("requestId"),
        route: c.req.routePath,
        error: String((error as Error)?.stack || error),
      }),
    );
    return problem(
      c,
      "internal",
      500,
      "Something failed on our side; nothing was charged. Try again, and give us the request id if it stays.",
    );
  }
  return problem(c, refusal.code, refusal.status, refusal.message, refusal.facts);
}

export const onNotFound = (c: Context<AppEnv>): Response =>
  problem(c, "not_found", 404, "There is nothing here. See /docs for what there is.");

const UNREADABLE: Record<number, [ErrorCode, string]> = {
  413: ["payload_too_large", "The body is too large."],
  415: ["unsupported_media_type", "Send the body as JSON, with the header Content-Type: application/json."],
};

function asRefusal(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error;
  // Hono throws these for bodies it cannot parse, before any schema sees them.
  if (error instanceof HTTPException && error.status < 500) {
    const [code, message] = UNREADABLE[error.status] ?? (["invalid_request", "The body is not valid JSON."] as const);
    return new DomainError(code, message, { errors: [{ field: "body", message: error.message }] });
  }
  return null;
}

function problem(
  c: Context<AppEnv>,
  code: ErrorCode,
  status: number,
  detail: string,
  facts: Record<string, unknown> = {},
): Response {
  const headers: Record<string, string> = { "X-Request-Id": c.get("requestId") };
  if (typeof facts.retryAfterSeconds === "number") headers["Retry-After"] = String(facts.retryAfterSeconds);
  if (status === 401) headers["WWW-Authenticate"] = "Bearer";
  if (c.req.path.startsWith("/api/"))
    return Response.json({ error: apiErrorText(code, detail, c.req.path), code }, { status, headers });
  const body = {
    type: `/docs/errors#${code}`,
    title: PROBLEM_TITLE[status] ?? "Error",
    status,
    detail,
    code,
    requestId: c.get("requestId"),
    ...facts,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, "Content-Type": "application/problem+json" },
  });
}
