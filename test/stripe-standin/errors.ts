// Errors as Stripe sends them: `{"error": {...}}` with a type, a code and the request's id in a header.
// Shapes: docs.stripe.com/api/errors; texts: what stripe-node users quote of the real API.

export type ErrorType = "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";

export interface ErrorBody {
  type: ErrorType;
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
  doc_url?: string;
  charge?: string;
  [field: string]: unknown;
}

/** A refusal with Stripe's status and body. What the handler had stored before it threw stays stored, as at Stripe. */
export class StripeRefusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.body = body.code
      ? { ...body, doc_url: `https://stripe.com/docs/error-codes/${body.code.replaceAll("_", "-")}` }
      : body;
  }
}

export const invalidRequest = (message: string, facts: Partial<ErrorBody> = {}, status = 400): StripeRefusal =>
  new StripeRefusal(status, { type: "invalid_request_error", message, ...facts });

export const missing = (resource: string, id: string, param = "id"): StripeRefusal =>
  invalidRequest(`No such ${resource}: '${id}'`, { code: "resource_missing", param }, param === "id" ? 404 : 400);

export const unknownEndpoint = (method: string, path: string): StripeRefusal =>
  invalidRequest(
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    {},
    404,
  );

export const unauthorized = (message: string): StripeRefusal => invalidRequest(message, {}, 401);
