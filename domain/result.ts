// Refusals across a Durable Object call: `instanceof` does not survive RPC and a throw is logged as uncaught, so an
// expected refusal travels as data (docs/decisions/0005).

import { DomainError, type ErrorCode } from "./errors.ts";

export type Result<T> =
  | { ok: true; value: T }
  | { ok: false; code: ErrorCode; message: string; facts?: Record<string, unknown> };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const refuse = (code: ErrorCode, message: string, facts?: Record<string, unknown>): Result<never> => ({
  ok: false,
  code,
  message,
  ...(facts && { facts }),
});

/** Back to an exception on the caller's side. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new DomainError(result.code, result.message, result.facts);
}
