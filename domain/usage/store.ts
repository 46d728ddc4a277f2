// SQL of usage reports and of the facts a what-if is worked out from. Reads of settled sessions only.

import type { EndReason } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import type { ChargeLine } from "../pricing/charge.ts";
import type { PriceComponent } from "../pricing/components.ts";
import { readMicro } from "../pricing/decimal.ts";
import type { DisputedMeter } from "../sessions/two-sides.ts";

export type UsageGrouping = "app" | "day" | "tag";
export interface UsageRow {
  /** App id, UTC day of the start (2026-11-26), or tag; null for sessions without a tag. */
  key: string | null;
  /** The app's name as it was at the last session. */
  name: string | null;
  sessions: number;
  activeSeconds: number;
  /** Paid: of a disputed slice what was decided, and what was given back later taken off. */
  tokens: number;
  /** Of it, the platform's. */
  feeTokens: number;
  /** Used beside it, and included in monthly plans. */
  includedTokens: number;
}

const GROUPS: Record<UsageGrouping, { key: string; name: string; from: string }> = {
  app: { key: "s.provider_id", name: "max(s.provider_name)", from: "" },
  day: { key: "date(s.created_at / 1000, 'unixepoch')", name: "NULL", from: "" },
  tag: { key: "tag.value", name: "NULL", from: "LEFT JOIN json_each(s.tags) tag" },
};
const SUMS = `count(*) AS sessions, coalesce(sum(s.active_seconds), 0) AS activeSeconds,
  coalesce(sum(s.consumed_tokens - s.included_tokens - s.back), 0) AS tokens,
  coalesce(sum(c.fee_tokens + coalesce(z.charged_fee, 0) - s.back_fee), 0) AS feeTokens,
  coalesce(sum(s.included_tokens + coalesce(i.tokens, 0)), 0) AS includedTokens`;
const SETTLED = `(SELECT s.*, coalesce((SELECT sum(v.tokens) FROM reversals v WHERE v.session_id = s.id), 0) AS back,
    coalesce((SELECT sum(v.fee_tokens) FROM reversals v WHERE v.session_id = s.id), 0) AS back_fee
  FROM sessions s WHERE s.user_id = ?1 AND s.created_at >= ?2 AND s.created_at < ?3 AND s.mode = 'live' AND s.settled_at IS NOT NULL) s
  JOIN closings c ON c.session_id = s.id LEFT JOIN slices z ON z.session_id = s.id
  LEFT JOIN included_uses i ON i.session_id = s.id`;

/** Groups, and the sums of all sessions: with tags the groups overlap, because a session may have several. */
export async function readUsage(
  db: D1Database,
  query: { userId: string; from: Millis; to: Millis; groupBy: UsageGrouping; limit: number },
): Promise<{ rows: UsageRow[]; total: Omit<UsageRow, "key" | "name"> }> {
  const { key, name, from } = GROUPS[query.groupBy];
  const order = query.groupBy === "day" ? "key" : "tokens DESC, key";
  const [rows, total] = await db.batch([
    db
      .prepare(
        `SELECT ${key} AS key, ${name} AS name, ${SUMS} FROM ${SETTLED} ${from} GROUP BY 1 ORDER BY ${order} LIMIT ?4`,
      )
      .bind(query.userId, query.from, query.to, query.limit),
    db.prepare(`SELECT ${SUMS} FROM ${SETTLED}`).bind(query.userId, query.from, query.to),
  ]);
  return {
    rows: rows!.results as UsageRow[],
    total: total!.results[0] as Omit<UsageRow, "key" | "name">,
  };
}

/** What a settled session is priced from, and what it came to. */
export interface SettledFacts {
  id: string;
  providerId: string;
  providerName: string;
  createdAt: Millis;
  endReason: EndReason;
  durationSeconds: number;
  activeSeconds: number;
  components: PriceComponent[];
  feeBasisPoints: number;
  trialSeconds: number;
  rebateBasisPoints: number;
  usedMicro: Record<string, number>;
  /** Where a slice was disputed: what counted in the end of its meters, not all that was reported. */
  countedMicro: Record<string, number>;
  /** What it came to at its price; of it, what a monthly plan included. The fee is of the rest. */
  tokens: number;
  includedTokens: number;
  feeTokens: number;
}

/** Settled sessions of a person or of an app, newest first. Sessions an owner had with their own app are not theirs to count. */
export async function readSettledFacts(
  db: D1Database,
  whose: { userId: string; providerId: string | null } | { providerId: string },
  since: Millis,
  limit: number,
): Promise<SettledFacts[]> {
  const isPerson = "userId" in whose;
  const condition = isPerson
    ? "s.user_id = ?1 AND (?2 IS NULL OR s.provider_id = ?2)"
    : "s.provider_id = ?1 AND s.payable = 1 AND ?2 IS NULL";
  const { results } = await db
    .prepare(
      `SELECT s.id, s.provider_id AS providerId, s.provider_name AS providerName, s.created_at AS createdAt, s.end_reason AS endReason,
         s.duration_seconds AS durationSeconds, s.active_seconds AS activeSeconds, s.components, s.fee_basis_points AS feeBasisPoints,
         s.trial_seconds AS trialSeconds, s.rebate_basis_points AS rebateBasisPoints, s.consumed_tokens AS tokens,
         s.included_tokens AS includedTokens, c.fee_tokens + coalesce(z.charged_fee, 0) AS feeTokens,
         z.meters AS sliceMeters, z.lines AS sliceLines,
         (SELECT json_group_object(m.meter, m.used_micro) FROM (
           SELECT meter, sum(units_micro) AS used_micro FROM usage_reports WHERE session_id = s.id GROUP BY meter) m) AS used
       FROM sessions s JOIN closings c ON c.session_id = s.id LEFT JOIN slices z ON z.session_id = s.id
       WHERE ${condition} AND s.created_at >= ?3 AND s.mode = 'live' AND s.settled_at IS NOT NULL AND s.started_at IS NOT NULL
       ORDER BY s.created_at DESC, s.id DESC LIMIT ?4`,
    )
    .bind(isPerson ? whose.userId : whose.providerId, isPerson ? whose.providerId : null, since, limit)
    .all<
      Omit<SettledFacts, "components" | "usedMicro" | "countedMicro"> & {
        components: string;
        used: string;
        sliceMeters: string | null;
        sliceLines: string | null;
      }
    >();
  return results.map(({ components, used, sliceMeters, sliceLines, ...row }) => ({
    ...row,
    components: JSON.parse(components) as PriceComponent[],
    usedMicro: JSON.parse(used) as Record<string, number>,
    countedMicro: sliceMeters ? countedOf(sliceMeters, sliceLines) : {},
  }));
}

/** What was decided of the disputed meters is in the lines it was charged by; without a charge the page's figures stand. */
function countedOf(meters: string, lines: string | null): Record<string, number> {
  const decided = new Map(
    (lines ? (JSON.parse(lines) as ChargeLine[]) : []).map((line) => [line.meter, line.quantity]),
  );
  return Object.fromEntries(
    (JSON.parse(meters) as DisputedMeter[]).map(({ meter, countedMicro }) => [
      meter,
      readMicro(decided.get(meter)) ?? countedMicro,
    ]),
  );
}

/** The single reports of sessions in their order, for prices with a part per report. */
export async function readReports(
  db: D1Database,
  sessionIds: readonly string[],
  limit: number,
): Promise<{ sessionId: string; meter: string; units: number }[]> {
  const { results } = await db
    .prepare(
      `SELECT r.session_id AS sessionId, r.meter, r.units_micro AS units
       FROM json_each(?1) one JOIN usage_reports r ON r.session_id = one.value
       ORDER BY r.session_id, r.occurred_at, r.request_id, r.key LIMIT ?2`,
    )
    .bind(JSON.stringify(sessionIds), limit)
    .all<{ sessionId: string; meter: string; units: number }>();
  return results;
}
