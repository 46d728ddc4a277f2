// What a session's object answers.

import type { SessionState } from "../sdk/src/protocol/session.ts";

/** What every command answers. `balance` is the wallet's spendable tokens once the session is settled. */
export interface SessionAnswer {
  session: SessionState;
  balance: number | null;
}
export interface StartAnswer extends SessionAnswer {
  sessionToken: string;
}
