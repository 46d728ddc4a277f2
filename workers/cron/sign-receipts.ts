// Every minute: signs the receipts nobody has asked for yet.

import type { Millis } from "../../domain/clock.ts";
import { signDueReceipts } from "../../domain/receipts/sign-receipts.ts";
import type { Env } from "../env.ts";

export const signReceipts = async (env: Env, now: Millis): Promise<void> =>
  void (await signDueReceipts(env, null, now));
