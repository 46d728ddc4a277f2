// The one error class of the product: an expected refusal with a code from the closed list. Anything else that is thrown
// is our own bug and becomes a 500.

import { ERROR_STATUS, type ErrorCode } from "../sdk/src/protocol/errors.ts";

export type { ErrorCode };

/**
 * An expected refusal. `message` tells the person what happened and what to do next; `facts` are for programs and are
 * merged into the problem body (RFC 9457 section 3.2, extension members).
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly facts: Record<string, unknown>;
  constructor(code: ErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(message);
    this.name = "DomainError";
    this.code = code;
    this.facts = facts;
  }
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** Our own bug: fails the request, never the system. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
