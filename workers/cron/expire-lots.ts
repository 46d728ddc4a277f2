// Promotional tokens whose time is over leave their wallets. A wallet somebody looks at or holds from is brought up to date
// at that moment; this is for all the others.

import type { Millis } from "../../domain/clock.ts";
import { expireDueLots } from "../../domain/ledger/lots.ts";
import type { Env } from "../env.ts";

export async function expireLots(env: Env, now: Millis): Promise<void> {
  const lots = await expireDueLots(env.DB, now);
  if (lots > 0) console.log(JSON.stringify({ message: "promotional lots expired", lots }));
}
