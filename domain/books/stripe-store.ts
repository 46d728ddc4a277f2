// SQL of Stripe's side of the books: the movements we were told of, and what we posted against them.

import type { Millis } from "../clock.ts";
import type { StripeMovement } from "../gateways/stripe-balance.ts";

/** Up to when the movements are here without a gap; null before the first time. */
export const readThrough = (db: D1Database): Promise<{ through: Millis } | null> =>
  db.prepare("SELECT through FROM stripe_mirror WHERE id = 1").first<{ through: Millis }>();

/** Since when there can be anything at Stripe: our first order or plan, or the first posting against it. Null: never. */
export const readBeginning = (db: D1Database): Promise<{ at: Millis | null } | null> =>
  db
    .prepare(
      `SELECT min(at) AS at FROM (
         SELECT min(created_at) AS at FROM orders
         UNION ALL SELECT min(created_at) FROM subscriptions
         UNION ALL SELECT min(x.at) FROM transfers t JOIN ledger_tx x ON x.id = t.tx
           WHERE t.dr = 'stripe_clearing' OR t.cr = 'stripe_clearing')`,
    )
    .first<{ at: Millis | null }>();

/** Keep movements, posting what has no other document, and note how far we got. Those that are here already stay. */
export async function keepMovements(
  db: D1Database,
  movements: StripeMovement[],
  { through, now }: { through: Millis; now: Millis },
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO stripe_movements (id, type, source, payment_id, amount_cents, fee_cents, net_cents, currency, created_at, seen_at)
         SELECT m.value->>'id', m.value->>'type', m.value->>'source', m.value->>'paymentId', m.value->>'amountCents',
           m.value->>'feeCents', m.value->>'netCents', m.value->>'currency', m.value->>'createdAt', ?2 FROM json_each(?1) m`,
      )
      .bind(JSON.stringify(movements), now),
    db
      .prepare(
        "INSERT INTO stripe_mirror (id, through) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET through = max(through, excluded.through)",
      )
      .bind(through),
  ]);
}

export interface MovementRow {
  id: string;
  source: string | null;
  paymentId: string | null;
  netCents: number;
  createdAt: Millis;
}
/** One transaction of ours as far as it moved `stripe_clearing`. */
export interface ClearingPosting {
  tx: string;
  ref: string;
  paymentId: string | null;
  cents: number;
  at: Millis;
}
export interface StripeSides {
  movements: MovementRow[];
  postings: ClearingPosting[];
  /** All movements ever, and the account's balance. */
  stripeCents: number;
  clearingCents: number;
}

/** Both sides since `since`, in one moment. */
export async function readSides(db: D1Database, since: Millis): Promise<StripeSides> {
  const [movements, postings, totals] = (await db.batch([
    db
      .prepare(
        `SELECT id, source, payment_id AS paymentId, net_cents AS netCents, created_at AS createdAt FROM stripe_movements
         WHERE created_at >= ? ORDER BY created_at, id`,
      )
      .bind(since),
    db
      .prepare(
        `SELECT x.id AS tx, x.ref, i.payment_id AS paymentId, x.at,
           sum(CASE t.dr WHEN 'stripe_clearing' THEN t.amount ELSE -t.amount END) AS cents
         FROM ledger_tx x JOIN transfers t ON t.tx = x.id AND (t.dr = 'stripe_clearing' OR t.cr = 'stripe_clearing')
         LEFT JOIN issuances i ON i.id = x.id
         WHERE x.at >= ? GROUP BY x.id ORDER BY x.at, x.id`,
      )
      .bind(since),
    db.prepare(
      `SELECT (SELECT coalesce(sum(net_cents), 0) FROM stripe_movements) AS stripeCents,
         (SELECT debits - credits FROM accounts WHERE id = 'stripe_clearing') AS clearingCents`,
    ),
  ])) as [D1Result<MovementRow>, D1Result<ClearingPosting>, D1Result<{ stripeCents: number; clearingCents: number }>];
  return { movements: movements.results, postings: postings.results, ...totals.results[0]! };
}
