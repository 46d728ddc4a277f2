// Tokens an operator gives a person: what an organisation paid for outside Stripe, or a gift. On the books at once, kept with
// who gave it and why; nothing takes it back but what takes any tokens back.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { TOKEN_CENTS } from "../money.ts";
import { insertGrant, walletOf, type Grant } from "./grant-store.ts";

export interface GrantWish {
  /** One of both says who. */
  userId: string | null;
  email: string | null;
  source: "organisation" | "promotion";
  /** Of what an organisation paid for: its name, which the list shows. */
  organisation: string | null;
  tokens: number;
  /** What the organisation paid for them; 0 for a gift. */
  paidCents: number;
  expiresAt: Millis | null;
  reference: string | null;
  reason: string;
}
export interface Granted {
  grant: { id: string; userId: string; source: Grant["source"]; tokens: number; paidCents: number };
}

/**
 * Give tokens. Idempotent by `claim`.
 * @throws DomainError `person_not_found`; `invalid_request` where what was paid does not fit what is given.
 */
export async function grantTokens(
  db: D1Database,
  wish: GrantWish,
  operator: { id: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<Granted> {
  assertSensible(wish, now);
  const person = await walletOf(db, wish);
  if (!person) throw new DomainError("person_not_found", "There is no such person. Check the id or the address.");
  const { source, organisation, tokens, paidCents, expiresAt, reference, reason } = wish;
  const id = newId(now);
  const answer: Granted = { grant: { id, userId: person.userId, source, tokens, paidCents } };
  const row = { id, walletId: person.walletId, source, organisation, tokens, paidCents, expiresAt, reference, reason };
  await db.batch([
    insertGrant(db, { ...row, grantedBy: operator.id, at: now }),
    ...(await recordAnswer(db, operator.claim, { status: 201, body: answer }, now)),
  ]);
  return answer;
}

function assertSensible({ source, organisation, tokens, paidCents, expiresAt }: GrantWish, now: Millis): void {
  const problem =
    source === "organisation" && (paidCents < 1 || paidCents > tokens * TOKEN_CENTS)
      ? ["paidCents", "what an organisation paid is at least a cent, and at most the list price of the tokens"]
      : source === "promotion" && paidCents !== 0
        ? ["paidCents", "a gift is not paid for; leave it out"]
        : source === "organisation" && expiresAt !== null
          ? ["expiresAt", "tokens somebody paid for never expire; leave it out"]
          : expiresAt !== null && expiresAt <= now
            ? ["expiresAt", "must lie ahead"]
            : source === "promotion" && organisation !== null
              ? ["organisation", "a gift is ours, of no organisation; leave it out"]
              : null;
  if (!problem) return;
  const [field, message] = problem as [string, string];
  throw new DomainError("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });
}
