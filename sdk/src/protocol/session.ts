// The wire contract of a metered session: what the marketplace, a provider's page and a provider's server say to each
// other. Types and constants only; imports nothing, and everyone may import it.

export const SESSION_STATUSES = ["pending", "active", "paused", "completed", "failed", "expired"] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** Which final status each end reason has: one table, so that the two can never disagree. */
export const END_REASON_STATUS = {
  user_ended: "completed",
  provider_ended: "completed",
  admin_ended: "completed",
  user_erased: "completed",
  abandoned: "completed",
  time_expired: "completed",
  tokens_depleted: "failed",
  provider_error: "failed",
  never_started: "expired",
} as const satisfies Record<string, SessionStatus>;
export type EndReason = keyof typeof END_REASON_STATUS;

/** Why the clock stands still. `user` is a pause made on the marketplace, `daily_limit` the person's own rule; only the
 * user's own credentials lift them. */
export type PauseCause = "idle" | "heartbeat_lost" | "page" | "provider" | "user" | "daily_limit";

/** Beat this often; it is liveness, not activity. */
export const BEAT_SECONDS = 30;
/** No good beat for this long: the clock stops at the last good one. */
export const HEARTBEAT_LOST_SECONDS = 90;
/** No activity for this long: the clock stops at last activity + this. */
export const IDLE_SECONDS = 120;
/** Paused for this long: the session is over (`abandoned`). */
export const ABANDONED_SECONDS = 30 * 60;
/** A launch token must be redeemed within this time. */
export const LAUNCH_SECONDS = 300;
/** The same nonce gets the same start answer for this long after the first (a lost reply, not a second start). */
export const START_REPLAY_SECONDS = 60;
/** Reports may still arrive for this long after the end, where the app has reported meters. */
export const REPORT_GRACE_SECONDS = 15;
export const WARNING_MAX_SECONDS = 300;
export const DURATION_MIN_SECONDS = 5 * 60;
export const DURATION_MAX_SECONDS = 180 * 60;
/** Wall-clock cap of one session, pauses included: 12 h. (Written out: the bundler of the SDK cannot drop an unused product.) */
export const SESSION_CAP_SECONDS = 43_200;

/** Seconds of remaining active time at which the warning starts: min(300 s, 20 % of the duration). */
export const warningSeconds = (durationSeconds: number): number =>
  Math.min(WARNING_MAX_SECONDS, Math.floor(durationSeconds / 5));

export const LAUNCH_TOKEN_TYPE = "mp-launch+jwt";
export const SESSION_TOKEN_TYPE = "mp-session+jwt";
/** Query parameters of the redirect into the app, and of the way back. */
export const LAUNCH_PARAMS = { token: "marketplace_session", returnUrl: "return_url", state: "state" } as const;
export const RETURN_PARAMS = { session: "session_id", state: "state" } as const;

/** Claims of the launch token (JWT, ES256, `typ: mp-launch+jwt`). No e-mail, no name. */
export interface LaunchClaims {
  iss: string;
  aud: string;
  sub: string;
  user_id: string;
  jti: string;
  iat: number;
  exp: number;
  session_id: string;
  /** `test` for a sandbox session: its server calls take the test key. */
  mode: SessionMode;
  session_start: number;
  duration_limit: number;
  tokens_allocated: number;
  provider_id: string;
  provider_plan: string;
  role: string;
  tenant_id: string | null;
}

/** Claims of the session token the page gets when it redeems the launch token. */
export interface SessionTokenClaims {
  iss: string;
  aud: string;
  sub: string;
  jti: string;
  iat: number;
  exp: number;
  session_id: string;
  provider_id: string;
}

/** Whether money moves: a session people pay for, or one of the sandbox. Each takes the API keys and webhooks of its mode. */
export type SessionMode = "live" | "test";

/** The state of a session, as every answer of `/v1/provider/sessions/sync` and the live socket give it. */
export interface SessionState {
  id: string;
  providerId: string;
  mode: SessionMode;
  status: SessionStatus;
  endReason: EndReason | null;
  pauseCause: PauseCause | null;
  /** Set while an extension can still save it: `min(300 s, 20 %)` before the limit. */
  warning: boolean;
  durationSeconds: number;
  /** Idle after this many seconds, where that is not two minutes: the person's own rule, or a fixed duration. */
  idleSeconds?: number;
  /** The person agreed to pay for the whole duration: no beats, no pauses. Left out otherwise. */
  fixedDuration?: boolean;
  activeSeconds: number;
  remainingSeconds: number;
  tokensAllocated: number;
  /** What use so far would be charged; after settlement, what was charged. */
  /** Of tokensAllocated, included in the person's monthly plan for the app; left out without one. */
  tokensReserved?: number;
  tokensConsumed: number;
  tokensRefunded: number | null;
  settlement: "open" | "pending" | "settled";
  /** ISO 8601 UTC; null once ended. */
  nextBeatDue: string | null;
  startedAt: string | null;
  endedAt: string | null;
  /** The server's clock when it answered (ISO 8601 UTC): pages count down from this, never from their own clock. */
  serverTime: string;
}

export type SyncAction = "start" | "heartbeat" | "pause" | "resume" | "complete" | "get";
/** Body of `POST /v1/provider/sessions/sync`. `start` carries a launch token as bearer, the page's own actions a session
 * token, a server's actions an API key with `sessionId`. */
export interface SyncRequest {
  action: SyncAction;
  /** `start` only: random, kept by the page, replays the answer after a lost reply. */
  nonce?: string;
  /** `heartbeat`: the person did something since the last beat. */
  active?: boolean;
  /** `heartbeat` with `active`: how long ago that was. Without it the message itself counts as the moment. */
  actedSecondsAgo?: number;
  sessionId?: string;
  /** `complete` by API key: no more reports will come, settle at once. */
  final?: boolean;
  /** `complete` by API key: the app failed; nothing is captured. */
  reason?: "provider_ended" | "provider_error";
  /** From the page: units of each reported meter it saw since the start. Evidence, compared with the server's reports. */
  observed?: Record<string, number | string>;
}
export interface SyncResponse {
  session: SessionState;
  /** `start` only. */
  sessionToken?: string;
  /** Present when the session is settled: the wallet's spendable balance. */
  balance?: number;
}

export const REPORT_BATCH_MAX = 100;
export type ReportStatus =
  | "accepted"
  | "duplicate"
  | "conflict"
  | "session_closed"
  | "tokens_depleted"
  | "too_late"
  | "unavailable"
  | "invalid";
export interface UsageReport {
  sessionId: string;
  /** Tokens, for the meter `token`. Integer. */
  amount?: number;
  /** Units of `meter`, at most six decimals. */
  units?: number | string;
  meter?: string;
  idempotencyKey: string;
  /** ISO 8601; default: now. */
  at?: string;
}
export interface ReportResult {
  status: ReportStatus;
  sessionId?: string;
  idempotencyKey?: string;
  /** What this meter may still take, in units. */
  remainingUnits?: string;
  message?: string;
}
