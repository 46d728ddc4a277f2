// Deleting an account (GDPR article 17): open sessions end and settle, plans end, then everything that names the person goes,
// and every provider that knew them is told by webhook. What the law has us keep, the books and the orders, knows a random
// id only.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { forgetSignIn } from "../identity/access-token.ts";
import { eraseStatements, knownBy, openSessionIds, readStanding, type AccountStanding } from "./store.ts";

export interface ErasureRequest {
  userId: string;
  signInId: string;
  /** The account's own address, typed again: nobody deletes an account by one wrong click. */
  email: string;
  /** Consent to lose what is in the wallet. Paid tokens can be asked back first. */
  giveUpTokens: boolean;
}

export interface ErasurePorts {
  /** Ends one session as `user_erased` and settles it; the session's own object does it. */
  endSession: (sessionId: string) => Promise<void>;
  /** Sees to it that no plan of theirs is charged any more: afterwards nobody could end it. */
  endPlans: () => Promise<void>;
}

/**
 * Erase a person. What was checked before anything ends: the address, apps that are still listed, tokens that would be lost.
 * A call that was cut off is simply repeated; after the last step the account is gone and there is nobody to repeat it.
 * @throws DomainError `erasure_not_confirmed`, `account_owns_apps`, `account_not_empty` (`balanceTokens`, `heldTokens`),
 *   `unauthenticated` when it is gone already, `payment_provider_unavailable` when a plan could not be ended now.
 */
export async function erasePerson(
  db: D1Database,
  ports: ErasurePorts,
  request: ErasureRequest,
  now: Millis,
): Promise<void> {
  const standing = await readStanding(db, request.userId);
  if (!standing) throw new DomainError("unauthenticated", "This account is gone.");
  assertErasable(standing, request);
  for (const sessionId of await openSessionIds(db, request.userId)) await ports.endSession(sessionId);
  await ports.endPlans();
  const known = await knownBy(db, request.userId);
  await db.batch(eraseStatements(db, request.userId, known, now));
  forgetSignIn(request.signInId);
}

function assertErasable(standing: AccountStanding, { email, giveUpTokens }: ErasureRequest): void {
  if (email !== standing.email.toLowerCase())
    throw new DomainError(
      "erasure_not_confirmed",
      "This is not the e-mail address of your account. Nothing was deleted.",
    );
  if (standing.openApps > 0)
    throw new DomainError(
      "account_owns_apps",
      "Your account has apps in the catalogue. Set each of them to inactive first; nothing was deleted.",
      { openApps: standing.openApps },
    );
  const tokens = standing.available + standing.held;
  if (tokens > 0 && !giveUpTokens)
    throw new DomainError(
      "account_not_empty",
      `There are ${tokens} tokens in your wallet. Ask for a refund of what you bought, or confirm that you give them up.`,
      { balanceTokens: standing.available, heldTokens: standing.held },
    );
}
