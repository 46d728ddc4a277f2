// What a page asks of a session's state.

import type { SessionState } from "$protocol/session.ts";

type Asked = Pick<SessionState, "status" | "settlement">;

/** Its clock may still run. */
export const isOpen = (session: Asked): boolean =>
  session.status === "pending" || session.status === "active" || session.status === "paused";

/** Over, but the last figures are not in. */
export const isSettling = (session: Asked): boolean => !isOpen(session) && session.settlement !== "settled";
