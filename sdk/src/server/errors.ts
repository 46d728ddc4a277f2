// What can go wrong, one class a kind of treatment. Switch on `code`; it is stable, the message is for people.

import type { ErrorCode, Problem } from "../protocol/errors.ts";
import type { ReportResult } from "../protocol/session.ts";

/** Codes made by this SDK itself, beside those the API answers with. */
export type ClientErrorCode =
  | "connection_failed"
  | "timed_out"
  | "unreadable_answer"
  | "report_refused"
  | "consent_needed"
  | "configuration"
  | "queue_full"
  | "launch_token_invalid"
  | "signature_invalid";

/** Every error of this SDK. `requestId` is what support asks for. */
export class MarketplaceError extends Error {
  readonly code: ErrorCode | ClientErrorCode;
  /** HTTP status, null when no answer came. */
  readonly status: number | null;
  readonly requestId: string | null;
  constructor(
    code: ErrorCode | ClientErrorCode,
    message: string,
    facts: { status?: number | null; requestId?: string | null; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.status = facts.status ?? null;
    this.requestId = facts.requestId ?? null;
  }
}

/** The API answered with a refusal. `problem` is the whole RFC 9457 body, facts such as `requiredTokens` included. */
export class ApiError extends MarketplaceError {
  readonly problem: Partial<Problem>;
  /** From `Retry-After`, in seconds. */
  readonly retryAfterSeconds: number | null;
  constructor(status: number, problem: Partial<Problem>, requestId: string | null, retryAfterSeconds: number | null) {
    super(problem.code ?? "internal", problem.detail ?? `The marketplace answered ${status}.`, { status, requestId });
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came: network, DNS, TLS or time-out. What was sent may have arrived; repeating it with its key is safe. */
export class ConnectionError extends MarketplaceError {}

/** A usage report was answered and not accepted: do not do the work it was for. `result.status` says why. */
export class ReportRefusedError extends MarketplaceError {
  readonly result: ReportResult;
  constructor(result: ReportResult) {
    super("report_refused", result.message ?? `The report was not accepted: ${result.status}.`);
    this.result = result;
  }
}

/** A launch token that proves nothing. One message for every reason towards the outside; `reason` is for your log. */
export class LaunchTokenError extends MarketplaceError {
  readonly reason: string;
  constructor(reason: string) {
    super("launch_token_invalid", "This launch token is not valid.");
    this.reason = reason;
  }
}

/** A webhook that was not signed by the marketplace, or long ago. Answer 400 and do nothing. */
export class WebhookSignatureError extends MarketplaceError {
  readonly reason: string;
  constructor(reason: string) {
    super("signature_invalid", "This webhook's signature is not valid.");
    this.reason = reason;
  }
}
