// Who commands a session's clock. Every call carries it, because the object is found by the session's id alone.

import type { Actor } from "../domain/sessions/meter.ts";
import type { Session } from "../domain/sessions/row.ts";

/** Who commands, and what they must be party to: anything else does not exist for them. */
export interface Caller {
  sessionId: string;
  by: Actor | "operator";
  userId?: string;
  providerId?: string;
  mode?: "live" | "test";
}

export const isParty = (session: Session, caller: Caller): boolean =>
  session.id === caller.sessionId &&
  (caller.userId === undefined || session.userId === caller.userId) &&
  (caller.providerId === undefined || session.providerId === caller.providerId) &&
  (caller.mode === undefined || session.mode === caller.mode);

export const actorOf = (caller: Caller): Actor => (caller.by === "operator" ? "user" : caller.by);
