// What can go wrong between us and Stripe, in the two kinds that matter: out of reach, or refused.

import { DomainError } from "../errors.ts";

/** What a person is told to wait when Stripe cannot be reached. */
const RETRY_AFTER_SECONDS = 5;

/** Stripe could not be reached, or failed on its side. */
export class StripeUnavailable extends DomainError {
  /** Stripe may have done it, and the same call with the same key finds out. False: it answered that it failed. */
  readonly isWorthRepeating: boolean;
  constructor(isWorthRepeating: boolean) {
    super(
      "payment_provider_unavailable",
      "Our payment provider cannot be reached right now; you were not charged. Try again in a moment.",
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
    );
    this.isWorthRepeating = isWorthRepeating;
  }
}

/** Stripe understood the call and said no: ours to mend, not to repeat. Says nothing Stripe echoes of what we sent. */
export class StripeRefused extends Error {
  readonly code: string;
  constructor(error: StripeError) {
    const code = error.code ?? error.type;
    super(`Stripe refused the call: ${code} ${error.param ?? ""} (${error.requestId ?? "no request id"})`);
    this.name = "StripeRefused";
    this.code = code;
  }
}

/** What stripe-node throws, known by its `type`, because its classes come with the package that is loaded late. */
interface StripeError extends Error {
  type: `Stripe${string}Error`;
  code?: string;
  param?: string;
  requestId?: string;
}
const isStripeError = (error: unknown): error is StripeError =>
  error instanceof Error && /^Stripe\w*Error$/.test(String((error as Partial<StripeError>).type));

export const isMissing =
  (param?: string) =>
  (error: unknown): boolean =>
    isStripeError(error) && error.code === "resource_missing" && (param === undefined || error.param === param);

/**
 * Run a call and tell trouble on the way (`StripeUnavailable`) from a refusal (`StripeRefused`).
 * stripe-node repeats network errors, 409 and 5xx by itself with the same idempotency key, but not 429.
 * Stripe keeps a 5xx as the answer to its key, so that one is not worth repeating (docs.stripe.com/api/idempotent_requests).
 */
export async function asking<T>(
  call: () => Promise<T>,
  isAbsent: (error: unknown) => boolean = () => false,
): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (isAbsent(error)) return null;
    if (!isStripeError(error)) throw error;
    if (error.type === "StripeConnectionError" || error.type === "StripeRateLimitError")
      throw new StripeUnavailable(true);
    if (error.type === "StripeAPIError") throw new StripeUnavailable(false);
    throw new StripeRefused(error);
  }
}
