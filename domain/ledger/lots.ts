// Lots whose time is over. Promotional tokens may expire; the expiry is a row of the history like any other, so the rows sum
// to the balance before and after it (docs/decisions/0020-expiry-is-a-row.md).

import type { Millis } from "../clock.ts";
import { expireLots } from "./lot-store.ts";

/**
 * How long tokens stay good that come back from a session after their lot expired: the person could not spend them
 * meanwhile. Once in a lot's life, or a session a week would make it last for ever. Also in migrations/0010_lots.sql.
 */
export const GRACE_MS = 7 * 24 * 60 * 60 * 1000;

/** Lots of one statement: each writes five rows. */
const LOTS_PER_ROUND = 200;
/** A backlog larger than this waits for the next minute. */
const ROUNDS_MAX = 25;

/**
 * Write off what is left in lots that have expired, in every wallet. Repeating it changes nothing.
 * @returns how many lots were written off.
 */
export async function expireDueLots(db: D1Database, now: Millis): Promise<number> {
  let lots = 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const expired = await expireLots(db, { walletId: null, now, limit: LOTS_PER_ROUND });
    lots += expired;
    if (expired < LOTS_PER_ROUND) break;
  }
  return lots;
}

/** The same for one wallet, before somebody looks at it. */
export const expireWallet = (db: D1Database, walletId: string, now: Millis): Promise<number> =>
  expireLots(db, { walletId, now, limit: LOTS_PER_ROUND });
