// Bugs that are put into the code on purpose, to see that the simulator finds them. Each is a change of the real source
// text; a text that is no longer there is said at once, so the list cannot go stale unseen.

import type { Patch } from "./hooks.ts";

export interface PlantedBug {
  name: string;
  /** The promise it breaks. */
  breaks: string;
  patches: Patch[];
  /** Actions that are enough to find it, where time is short. */
  focus: string[];
}

const bug = (
  name: string,
  breaks: string,
  file: string,
  find: string,
  replace: string,
  focus: string[],
): PlantedBug => ({
  name,
  breaks,
  focus,
  patches: [{ file, find, replace }],
});

export const PLANTED: readonly PlantedBug[] = [
  bug(
    "included-use-given-twice",
    "What a plan includes is promised to one session at a time.",
    "migrations/0065_included_reservations.sql",
    "p.granted_tokens - p.used_tokens - p.reserved_tokens AS left_tokens",
    "p.granted_tokens - p.used_tokens AS left_tokens",
    ["take a plan", "pay a plan", "create"],
  ),
  bug(
    "closed-tab-pays",
    "Nobody pays for a closed tab: a lost heartbeat stops the clock at the last good one.",
    "domain/sessions/meter-causes.ts",
    "effectiveAt: beat, effect",
    "effectiveAt: lostAt, effect",
    ["create", "work", "wait"],
  ),
  bug(
    "liveness-counts-as-activity",
    "The clock stops 120 s after the person did something, however often the page beats.",
    "domain/sessions/meter.ts",
    "const actedLastAt = active ?",
    "const actedLastAt = now ?",
    ["create", "work", "wait"],
  ),
  bug(
    "page-lifts-the-persons-pause",
    "A pause the person made on the marketplace is lifted by them only.",
    "domain/sessions/meter.ts",
    'by === "user" || (meter.pauseCause',
    "true || (meter.pauseCause",
    ["create", "pause or resume", "wait"],
  ),
  bug(
    "late-report-not-billed",
    "A report that came between the bill and its settlement is billed.",
    "migrations/0065_included_reservations.sql",
    "AND reports = NEW.reports AND min(",
    "AND min(",
    ["create", "report", "end", "ask again"],
  ),
  bug(
    "same-key-other-amount",
    "A report's key stands for one amount: another one is a conflict, not a duplicate.",
    "domain/sessions/report-store.ts",
    " AND r.units_micro = op.value->>'unitsMicro' THEN 'duplicate'",
    " THEN 'duplicate'",
    ["create", "report"],
  ),
  bug(
    "acknowledged-before-the-commit",
    "What was answered is in the books: a group of reports is answered after its commit only.",
    "domain/sessions/report-usage.ts",
    ": await write({ providerId, mode, requestId, now, operations: withEventIds(operations, now) });",
    `: await write({ providerId, mode, requestId, now, operations: withEventIds(operations, now) }).catch(() =>
          operations.map((operation) => ({ ...operation, verdict: "accepted" as const, reports: 0, capMicro: null, usedMicro: 0 })));`,
    ["create", "report"],
  ),
  bug(
    "key-not-claimed",
    "The same Idempotency-Key holds tokens once.",
    "domain/sessions/store.ts",
    "FROM json_each(?1) op, json_each(json_array(op.value->'session')) s WHERE ${NOT_CLAIMED}`",
    "FROM json_each(?1) op, json_each(json_array(op.value->'session')) s`",
    ["create", "ask again"],
  ),
  bug(
    "settlement-forgotten",
    "A settlement that did not reach the database is tried again until it is in.",
    "durable-objects/session.ts",
    "const { record, retryAt } = postponed(this.#record!, now);",
    "const { record, retryAt } = postponed({ ...this.#record!, settled: true }, now);",
    ["create", "work", "end"],
  ),
  bug(
    "credited-before-paid",
    "Tokens are credited when Stripe says paid, never when the checkout is merely complete.",
    "domain/payments/reconcile.ts",
    'if (checkout.paymentStatus !== "unpaid") {',
    'if (checkout.status === "complete") return { kind: "paid", checkout };\n  if (checkout.paymentStatus !== "unpaid") {',
    ["buy", "bank"],
  ),
  bug(
    "lost-events-not-asked-for",
    "What Stripe could not tell us is asked for within the hour.",
    "domain/payments/stripe-events.ts",
    "const missed = hints.filter(({ id }) => !done.has(id));",
    "const missed = hints.filter(({ id }) => done.has(id));",
    ["buy", "refund", "lose"],
  ),
  bug(
    "failed-refund-kept",
    "A refund the bank handed back gives the tokens back.",
    "domain/payments/store.ts",
    '"UPDATE refunds SET undone_at = ?2 WHERE id = ?1 AND undone_at IS NULL"',
    '"UPDATE refunds SET undone_at = NULL WHERE id = ?1 AND ?2 IS NULL"',
    ["buy", "refund", "refund fails", "hear"],
  ),
  bug(
    "hold-keeps-a-token",
    "What was held and not used comes back, all of it, in the transaction that settles.",
    "migrations/0065_included_reservations.sql",
    "held - used - disputed\n    FROM settlement_draws WHERE session_id = NEW.session_id AND held > used + disputed;",
    "held - used - disputed - 1\n    FROM settlement_draws WHERE session_id = NEW.session_id AND held > used + disputed + 1;",
    ["create", "end"],
  ),
  bug(
    "slice-held-for-ever",
    "A disputed slice is decided when its time is over.",
    "domain/slices/store.ts",
    "WHERE status <> 'closed' AND due_at <= ?1 ORDER BY",
    "WHERE status <> 'closed' AND due_at + 1e13 <= ?1 ORDER BY",
    ["create", "report", "end with figures"],
  ),
  bug(
    "evidence-believed-blindly",
    "Evidence counts as far as the reports it names, no further.",
    "domain/slices/decide-slice.ts",
    "return [meter, Math.min(reportedMicro, Math.max(countedMicro, proven))];",
    "return [meter, proven > countedMicro ? reportedMicro : countedMicro];",
    ["create", "report", "end with figures", "show evidence"],
  ),
  {
    name: "expired-tokens-spent",
    breaks: "Tokens whose time is over are never held.",
    focus: ["create", "jump"],
    patches: [
      {
        file: "migrations/0010_lots.sql",
        find: "WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND expires_at <= NEW.at;\n  INSERT INTO hold_draws",
        replace: "WHERE wallet_id = NEW.wallet_id AND remaining > 0 AND false;\n  INSERT INTO hold_draws",
      },
      {
        file: "migrations/0010_lots.sql",
        find: "AND remaining > 0 AND (expires_at IS NULL OR expires_at > NEW.at)\n      WINDOW draw",
        replace: "AND remaining > 0\n      WINDOW draw",
      },
    ],
  },
  bug(
    "start-deadline-ignored",
    "A launch link that ran out starts nothing, and a session nobody came to returns its hold.",
    "domain/sessions/store.ts",
    "WHERE status = 'pending' AND launch_deadline < ? ORDER BY launch_deadline LIMIT ?",
    "WHERE status = 'pending' AND launch_deadline + 1e12 < ? ORDER BY launch_deadline LIMIT ?",
    ["create", "wait"],
  ),
  bug(
    "fee-rounded-up",
    "The fee is rounded down, as every receipt says.",
    "domain/money.ts",
    "* BigInt(feeBasisPoints)) / BASIS)",
    "* BigInt(feeBasisPoints) + BASIS - 1n) / BASIS)",
    ["create", "work", "end", "receipts"],
  ),
  bug(
    "receipt-chained-to-nothing",
    "Each receipt names the one before it, also when several are signed together.",
    "domain/receipts/sign-receipts.ts",
    "before?.walletId === facts.walletId ? before.digest : facts.previous",
    "facts.previous",
    ["create", "end"],
  ),
  bug(
    "disputed-tokens-spendable",
    "What is disputed and unspent cannot be spent while the bank decides.",
    "migrations/0016_disputes.sql",
    "WHERE min(remaining, due - drawn - before) > 0;",
    "WHERE min(remaining, due - drawn - before) > 1000000;",
    ["buy", "dispute", "hear"],
  ),
  bug(
    "paid-before-the-hold-days",
    "A provider's share waits seven days for disputes before it is paid out.",
    "domain/payouts/rules.ts",
    "at - rules.holdMs",
    "at - 0 * rules.holdMs",
    ["create", "work", "end", "pay out"],
  ),
  bug(
    "top-up-above-the-day",
    "Automatic top-up buys no more in a day than its owner allowed.",
    "domain/top-up/fuse.ts",
    "facts.dayTokens + rule.topUpTokens > rule.dayMaxTokens",
    "facts.dayTokens + rule.topUpTokens > 9 * rule.dayMaxTokens",
    ["run low", "look who ran low", "wait"],
  ),
  bug(
    "code-used-by-one-too-many",
    "A promotion code is paid with as often as it may be, no more.",
    "migrations/0014_buying.sql",
    "WHERE u.code = NEW.code AND u.released = 0) >= p.uses_max;",
    "WHERE u.code = NEW.code AND u.released = 0) > p.uses_max;",
    ["make code", "buy with code"],
  ),
  bug(
    "paid-tokens-first",
    "What was given is drawn before what was paid for.",
    "migrations/0010_lots.sql",
    "WINDOW draw AS (ORDER BY priority, coalesce(expires_at",
    "WINDOW draw AS (ORDER BY priority DESC, coalesce(expires_at",
    ["buy with code", "make code", "buy", "create"],
  ),
  bug(
    "included-in-another-month",
    "A month includes what was used in it.",
    "migrations/0065_included_reservations.sql",
    "WHERE NEW.mode = 'live' AND NEW.held_tokens > 0 AND user_id = NEW.user_id AND provider_id = NEW.provider_id\n      AND term_from <= NEW.created_at AND term_until > NEW.created_at",
    "WHERE NEW.mode = 'live' AND NEW.held_tokens > 0 AND user_id = NEW.user_id AND provider_id = NEW.provider_id",
    ["subscribe", "month ends", "use with plan"],
  ),
  bug(
    "test-price-by-chance",
    "Two prices tried side by side: a person is shown the same one each time.",
    "domain/catalogue/offer.ts",
    "sha256Hex(`${experiment.id}:${userId}`)",
    "sha256Hex(`${experiment.id}:${userId}:${Math.random()}`)",
    ["test price", "use at a price"],
  ),
  bug(
    "refused-counts-as-delivered",
    "A webhook is delivered when its receiver took it; otherwise it is sent again.",
    "domain/webhooks/attempt.ts",
    "const isDelivered = answer.error === null;",
    "const isDelivered = answer.code !== null;",
    ["create", "receiver changes", "queue turns"],
  ),
  bug(
    "plan-outlives-its-person",
    "Who has deleted their account is charged for no plan any more.",
    "domain/privacy/erase-person.ts",
    "await ports.endPlans();",
    "",
    ["subscribe", "month ends", "leave", "come"],
  ),
];
