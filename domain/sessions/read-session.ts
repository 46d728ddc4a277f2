// A person's own session, and whether its clock is the one to ask. Receipts: domain/receipts.

import { DomainError } from "../errors.ts";
import type { Session } from "./row.ts";
import { readAccount, type SessionAccount } from "./store.ts";

/** @throws DomainError `session_not_found` when it is not there or not this person's. */
export async function readOwnSession(db: D1Database, id: string, userId: string): Promise<SessionAccount> {
  const account = await readAccount(db, id);
  if (!account || account.session.userId !== userId)
    throw new DomainError("session_not_found", "There is no such session of yours.");
  return account;
}

/** True while the session's own clock knows more than its row. */
export const isRunning = (session: Session): boolean => session.startedAt !== null && session.settledAt === null;
