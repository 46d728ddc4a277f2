// SQL of receipts: the facts of those that wait for their signature, the signed ones, and the keys they were signed with.

import type { Millis } from "../clock.ts";
import type { PublishedKey } from "../identity/signing-keys.ts";
import type { ChargeLine } from "../pricing/charge.ts";
import type { Interval } from "../sessions/meter.ts";
import { sessionColumns, sessionFromRow, type Session, type SessionRow } from "../sessions/row.ts";

/** All a receipt says, from rows that nothing changes any more. */
export interface ReceiptFacts {
  session: Session;
  walletId: string;
  number: number;
  /** Digest of the receipt before; null for the first of a wallet. */
  previous: string | null;
  lines: ChargeLine[];
  intervals: Interval[];
  feeTokens: number;
  tokenCents: number;
  /** Micro-units per reported meter. */
  usedMicro: Record<string, number>;
  extensions: { at: Millis; seconds: number; tokens: number; automatic: 0 | 1 }[];
  /** Tokens that stay held until it is decided whether they were used; 0 in the receipt of that decision. */
  disputedTokens: number;
  /** The number of the receipt this one replaces: the one from before a disputed slice was decided. */
  corrects: number | null;
}

/** What the row of a receipt is named by: the session, and once more for the outcome of its disputed slice. */
const SLICE = ":slice";
export const outcomeReceiptOf = (sessionId: string): string => sessionId + SLICE;
const sessionOf = (receiptId: string): string => receiptId.replace(SLICE, "");

type FactsRow = SessionRow & {
  number: number;
  previous: string | null;
  closingLines: string;
  closingIntervals: string;
  feeTokens: number;
  tokenCents: number;
  used: string;
  extensions: string;
  receiptId: string | null;
  closingTokens: number;
  closingIncluded: number;
  sliceTokens: number | null;
  chargedTokens: number | null;
  chargedFee: number | null;
  sliceIncluded: number | null;
  sliceLines: string | null;
  sliceClosedAt: Millis | null;
  firstNumber: number | null;
};

const FACTS = `${sessionColumns("s")}, r.seq AS number, r.session_id AS receiptId, c.used_tokens AS closingTokens,
  c.included_tokens AS closingIncluded, z.included_tokens AS sliceIncluded, z.tokens AS sliceTokens,
  z.charged_tokens AS chargedTokens, z.charged_fee AS chargedFee, z.lines AS sliceLines, z.closed_at AS sliceClosedAt,
  (SELECT f.seq FROM receipts f WHERE f.session_id = s.id) AS firstNumber,
  (SELECT p.digest FROM receipts p WHERE p.wallet_id = r.wallet_id AND p.seq = r.seq - 1) AS previous,
  c.lines AS closingLines, c.intervals AS closingIntervals, c.fee_tokens AS feeTokens, c.token_cents AS tokenCents,
  (SELECT json_group_object(m.meter, m.used_micro) FROM session_meters m WHERE m.session_id = s.id) AS used,
  (SELECT json_group_array(json_object('at', x.at, 'seconds', x.seconds, 'tokens', x.tokens, 'automatic', x.automatic)
     ORDER BY x.at, x.id) FROM extensions x WHERE x.session_id = s.id) AS extensions`;

/** The books as they were when this receipt came about: rows that nothing changes any more. */
function factsFromRow(row: FactsRow): ReceiptFacts {
  const isOutcome = row.receiptId !== null && row.receiptId !== row.id;
  const session = sessionFromRow(row);
  const used = row.closingTokens + (isOutcome ? (row.chargedTokens ?? 0) : 0);
  const disputedTokens = isOutcome ? 0 : (row.sliceTokens ?? 0);
  return {
    ...commonFacts(row),
    session: {
      ...session,
      consumedTokens: used,
      includedTokens: row.closingIncluded + (isOutcome ? (row.sliceIncluded ?? 0) : 0),
      refundedTokens: session.heldTokens - used - disputedTokens,
      settledAt: isOutcome ? row.sliceClosedAt : session.settledAt,
    },
    lines: JSON.parse((isOutcome && row.sliceLines) || row.closingLines) as ChargeLine[],
    feeTokens: row.feeTokens + (isOutcome ? (row.chargedFee ?? 0) : 0),
    disputedTokens,
    corrects: isOutcome ? row.firstNumber : null,
  };
}

const commonFacts = (row: FactsRow) => ({
  walletId: row.wallet_id,
  number: row.number,
  previous: row.previous,
  intervals: JSON.parse(row.closingIntervals) as Interval[],
  tokenCents: row.tokenCents,
  usedMicro: JSON.parse(row.used) as Record<string, number>,
  extensions: JSON.parse(row.extensions) as ReceiptFacts["extensions"],
});

/** Receipts without a signature, of one wallet or of any, each wallet's in the order of its chain. */
export async function listUnsigned(db: D1Database, walletId: string | null, limit: number): Promise<ReceiptFacts[]> {
  const { results } = await db
    .prepare(
      `SELECT ${FACTS} FROM (SELECT session_id, wallet_id, seq FROM receipts INDEXED BY receipts_unsigned
           WHERE jws IS NULL AND (?1 IS NULL OR wallet_id = ?1) ORDER BY wallet_id, seq LIMIT ?2) r
         CROSS JOIN sessions s ON s.id = replace(r.session_id, '${SLICE}', '')
         JOIN closings c ON c.session_id = s.id LEFT JOIN slices z ON z.session_id = s.id
       ORDER BY r.wallet_id, r.seq`,
    )
    .bind(walletId, limit)
    .all<FactsRow>();
  return results.map(factsFromRow);
}

/**
 * The facts of one settled session and its signature so far; by `outcomeReceiptOf` those after its slice was decided.
 * `number` is null for a sandbox session, which has no receipt.
 */
export interface SettledSession {
  facts: Omit<ReceiptFacts, "number"> & { number: number | null };
  jws: string | null;
}
export async function readSettled(db: D1Database, receiptId: string): Promise<SettledSession | null> {
  const row = await db
    .prepare(
      `SELECT ${FACTS}, r.jws FROM closings c JOIN sessions s ON s.id = c.session_id
       LEFT JOIN receipts r ON r.session_id = ?1 LEFT JOIN slices z ON z.session_id = c.session_id WHERE c.session_id = ?2`,
    )
    .bind(receiptId, sessionOf(receiptId))
    .first<FactsRow & { jws: string | null }>();
  return row && { facts: factsFromRow(row), jws: row.jws };
}

export interface SignedReceipt {
  receiptId: string;
  previous: string | null;
  jws: string;
  digest: string;
  key: PublishedKey;
}

/**
 * Keep what was signed. Of two signers at once the first wins, and what the second built on its own copy is left out: a
 * receipt is only kept on the very receipt it names.
 */
export async function keepSigned(db: D1Database, receipts: SignedReceipt[], now: Millis): Promise<void> {
  const keys = new Map(receipts.map(({ key }) => [key.kid, key]));
  await db.batch([
    ...[...keys.values()].map((key) =>
      db
        .prepare("INSERT INTO receipt_keys (kid, jwk, first_used) VALUES (?, ?, ?) ON CONFLICT (kid) DO NOTHING")
        .bind(key.kid, JSON.stringify(key), now),
    ),
    ...receipts.map(({ receiptId, previous, jws, digest }) =>
      db
        .prepare(
          `UPDATE receipts SET jws = ?2, digest = ?3, signed_at = ?4 WHERE session_id = ?1 AND jws IS NULL
             AND ?5 IS (SELECT p.digest FROM receipts p WHERE p.wallet_id = receipts.wallet_id AND p.seq = receipts.seq - 1)`,
        )
        .bind(receiptId, jws, digest, now, previous),
    ),
  ]);
}

/** Signed receipts of a wallet in the order of the chain, after number `after`. */
export async function listSigned(
  db: D1Database,
  walletId: string,
  after: number,
  limit: number,
): Promise<{ number: number; sessionId: string; jws: string }[]> {
  const { results } = await db
    .prepare(
      `SELECT seq AS number, session_id AS sessionId, jws FROM receipts
       WHERE wallet_id = ?1 AND seq > ?2 AND jws IS NOT NULL ORDER BY seq LIMIT ?3`,
    )
    .bind(walletId, after, limit)
    .all<{ number: number; sessionId: string; jws: string }>();
  return results.map((row) => ({ ...row, sessionId: sessionOf(row.sessionId) }));
}

export async function listReceiptKeys(db: D1Database): Promise<PublishedKey[]> {
  const { results } = await db.prepare("SELECT jwk FROM receipt_keys ORDER BY first_used, kid").all<{ jwk: string }>();
  return results.map(({ jwk }) => JSON.parse(jwk) as PublishedKey);
}
