// A session as its D1 row has it, and as the rest of the code reads it.

import type { EndReason, SessionStatus } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import type { PriceComponent } from "../pricing/components.ts";
import type { Terms } from "./bill.ts";

export interface Session extends Terms {
  id: string;
  mode: "live" | "test";
  userId: string;
  walletId: string;
  /** The pairwise id the provider knows the person by. */
  subject: string;
  providerId: string;
  providerName: string;
  appUrl: string;
  priceVersionId: string;
  /** The running price test whose price this is. */
  experimentId?: string | null;
  /** Its provider's signed quote: the id, spent with it, and the token itself as evidence. */
  quoteId?: string | null;
  quote?: string | null;
  payable: boolean;
  /** The person agreed to pay for the whole duration; no page beats. */
  fixedDuration?: boolean;
  /** The plan it was made from; only written. */
  scheduleId?: string | null;
  /** The person's own rules (clock-rules.ts); null without one. */
  idleSeconds?: number | null;
  dailyLeftSeconds?: number | null;
  status: SessionStatus;
  durationSeconds: number;
  autoExtendSeconds: number;
  /** The most it can cost; of it, what the person's plan covers. The wallet holds the rest. */
  heldTokens: number;
  reservedTokens?: number;
  /** What the person was shown to be included; only written. */
  promisedTokens?: number | null;
  tags: string[];
  state: string;
  jti: string;
  launchDeadline: Millis;
  createdAt: Millis;
  startedAt: Millis | null;
  endedAt: Millis | null;
  endReason: EndReason | null;
  activeSeconds: number | null;
  /** What was used; of it, what the plan covered. The rest is charged. */
  consumedTokens: number | null;
  includedTokens?: number;
  refundedTokens: number | null;
  settledAt: Millis | null;
  /** Reports that count toward the price so far. */
  reports: number;
}

/** A session as it is read, `reports` from its meters and the rest from its row. */
export interface SessionRow {
  id: string;
  mode: "live" | "test";
  user_id: string;
  wallet_id: string;
  subject: string;
  provider_id: string;
  provider_name: string;
  app_url: string;
  price_version_id: string;
  components: string;
  fee_basis_points: number;
  trial_seconds: number;
  rebate_basis_points: number;
  experiment_id: string | null;
  quote_id: string | null;
  quote: string | null;
  payable: number;
  fixed_duration: number;
  idle_seconds: number | null;
  daily_left_seconds: number | null;
  status: SessionStatus;
  duration_seconds: number;
  auto_extend_seconds: number;
  held_tokens: number;
  reserved_tokens: number;
  tags: string;
  state: string;
  jti: string;
  launch_deadline: number;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  end_reason: EndReason | null;
  active_seconds: number | null;
  consumed_tokens: number | null;
  included_tokens: number;
  refunded_tokens: number | null;
  settled_at: number | null;
  reports: number;
}

/** All of a row but `reports`: one that is missing here is a type error. */
const COLUMNS = Object.keys({
  id: true,
  mode: true,
  user_id: true,
  wallet_id: true,
  subject: true,
  provider_id: true,
  provider_name: true,
  app_url: true,
  price_version_id: true,
  components: true,
  fee_basis_points: true,
  trial_seconds: true,
  rebate_basis_points: true,
  experiment_id: true,
  quote_id: true,
  quote: true,
  payable: true,
  fixed_duration: true,
  idle_seconds: true,
  daily_left_seconds: true,
  status: true,
  duration_seconds: true,
  auto_extend_seconds: true,
  held_tokens: true,
  reserved_tokens: true,
  tags: true,
  state: true,
  jti: true,
  launch_deadline: true,
  created_at: true,
  started_at: true,
  ended_at: true,
  end_reason: true,
  active_seconds: true,
  consumed_tokens: true,
  included_tokens: true,
  refunded_tokens: true,
  settled_at: true,
} satisfies Record<Exclude<keyof SessionRow, "reports">, true>);

/** The columns of a `SessionRow`, of the table or alias by that name. */
export const sessionColumns = (of: string): string =>
  `${COLUMNS.map((column) => `${of}.${column}`).join(", ")}, ${reportsOf(`${of}.id`)} AS reports`;

/** SQL for the reports of a session that count toward its price. */
export const reportsOf = (id: string): string =>
  `(SELECT coalesce(sum(counted.reports), 0) FROM session_meters counted WHERE counted.session_id = ${id})`;

export const sessionFromRow = (row: SessionRow): Session => ({
  id: row.id,
  mode: row.mode,
  userId: row.user_id,
  walletId: row.wallet_id,
  subject: row.subject,
  providerId: row.provider_id,
  providerName: row.provider_name,
  appUrl: row.app_url,
  priceVersionId: row.price_version_id,
  components: JSON.parse(row.components) as PriceComponent[],
  feeBasisPoints: row.fee_basis_points,
  trialSeconds: row.trial_seconds,
  rebateBasisPoints: row.rebate_basis_points,
  experimentId: row.experiment_id,
  quoteId: row.quote_id,
  quote: row.quote,
  payable: row.payable === 1,
  fixedDuration: row.fixed_duration === 1,
  idleSeconds: row.idle_seconds,
  dailyLeftSeconds: row.daily_left_seconds,
  status: row.status,
  durationSeconds: row.duration_seconds,
  autoExtendSeconds: row.auto_extend_seconds,
  heldTokens: row.held_tokens,
  reservedTokens: row.reserved_tokens,
  tags: JSON.parse(row.tags) as string[],
  state: row.state,
  jti: row.jti,
  launchDeadline: row.launch_deadline,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  endReason: row.end_reason,
  activeSeconds: row.active_seconds,
  consumedTokens: row.consumed_tokens,
  includedTokens: row.included_tokens,
  refundedTokens: row.refunded_tokens,
  settledAt: row.settled_at,
  reports: row.reports,
});
