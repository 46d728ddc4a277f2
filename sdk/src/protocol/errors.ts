// The closed list of error codes and the HTTP status each one has. What each means to a person stands in
// workers/docs/error-guide.ts, which the compiler holds complete and docs/errors.md is written from (node
// scripts/write-docs.ts). Adding a code here is the only way to add an error to the product.

export const ERROR_STATUS = {
  // 400: the request cannot be read; `errors[]` names the fields.
  invalid_request: 400,
  invalid_token_amount: 400,
  invalid_cursor: 400,
  signature_invalid: 400,
  connection_state_invalid: 400,
  // 401: who you are is not established.
  unauthenticated: 401,
  invalid_credentials: 401,
  launch_token_invalid: 401,
  session_token_invalid: 401,
  api_key_invalid: 401,
  // SESSION_EXPIRED (upper case) is the provider-side code of the brief; this is the wire code of the API.
  session_expired: 401,
  // 402
  insufficient_tokens: 402,
  tokens_depleted: 402,
  card_declined: 402,
  // 403
  forbidden: 403,
  origin_not_allowed: 403,
  heartbeat_needs_page: 403,
  user_pause_only: 403,
  account_blocked: 403,
  // 404
  scheduled_session_not_found: 404,
  not_found: 404,
  provider_not_found: 404,
  session_not_found: 404,
  order_not_found: 404,
  webhook_not_found: 404,
  complaint_not_found: 404,
  review_not_found: 404,
  price_not_found: 404,
  card_not_found: 404,
  plan_not_found: 404,
  subscription_not_found: 404,
  conversation_not_found: 404,
  payout_not_found: 404,
  key_not_found: 404,
  slice_not_found: 404,
  connection_not_found: 404,
  person_not_found: 404,
  // 405, 406, 413, 415
  method_not_allowed: 405,
  payload_too_large: 413,
  unsupported_media_type: 415,
  // 409
  scheduled_session_not_due: 409,
  email_taken: 409,
  idempotency_key_reused: 409,
  idempotency_in_progress: 409,
  launch_token_used: 409,
  session_closed: 409,
  session_not_started: 409,
  session_changed: 409,
  settlement_pending: 409,
  report_conflict: 409,
  promotion_exists: 409,
  origin_taken: 409,
  already_subscribed: 409,
  complaint_exists: 409,
  complaint_decided: 409,
  account_owns_apps: 409,
  account_not_empty: 409,
  price_started: 409,
  price_schedule_full: 409,
  experiment_running: 409,
  provider_quote_used: 409,
  payout_in_progress: 409,
  key_revoked: 409,
  help_requested: 409,
  slice_closed: 409,
  // 410
  scheduled_session_over: 410,
  launch_token_expired: 410,
  gone: 410,
  // 422
  provider_unavailable: 422,
  price_changed: 422,
  provider_quote_invalid: 422,
  duration_out_of_range: 422,
  session_cap_reached: 422,
  pricing_unsupported: 422,
  unknown_meter: 422,
  report_too_late: 422,
  url_not_allowed: 422,
  webhook_limit_reached: 422,
  webhook_disabled: 422,
  refund_not_possible: 422,
  promotion_not_valid: 422,
  referral_not_possible: 422,
  complaint_not_possible: 422,
  review_needs_session: 422,
  spend_limit_reached: 422,
  daily_limit_reached: 422,
  scheduled_sessions_limit: 422,
  fixed_duration: 422,
  erasure_not_confirmed: 422,
  payouts_not_ready: 422,
  payout_below_minimum: 422,
  saved_card_needed: 422,
  key_limit_reached: 422,
  slice_evidence_invalid: 422,
  connections_not_offered: 422,
  connection_refused: 422,
  // 429
  rate_limited: 429,
  // 5xx
  internal: 500,
  payment_provider_unavailable: 502,
  connection_server_unavailable: 502,
  temporarily_unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** The RFC 9457 body every `/v1` error has. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  requestId: string;
  /** Present on `invalid_request`: one entry a field. */
  errors?: { field: string; message: string }[];
  /** Facts a program can act on, such as `requiredTokens` or `balanceTokens`. */
  [fact: string]: unknown;
}
