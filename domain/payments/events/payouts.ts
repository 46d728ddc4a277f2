// Events of paying providers: how their accounts stand, and what became of the transfers to them.

import { isKnownAccount } from "../../payouts/account-store.ts";
import { refreshFromStripe } from "../../payouts/connect-account.ts";
import { reconcileTransfer } from "../../payouts/reconcile-transfer.ts";
import type { EventHandler, EventHandlers } from "./handler.ts";

const ofAccount: EventHandler = async (env, { hint, done }, now) => {
  if (!hint.objectId || !(await isKnownAccount(env.DB, hint.objectId))) return "not_ours";
  await refreshFromStripe(env, hint.objectId, now, [done]);
  return [];
};

const ofTransfer: EventHandler = async (env, { hint, done }, now) =>
  hint.objectId ? reconcileTransfer(env, hint.objectId, now, [done]) : "not_ours";

export const PAYOUT_EVENTS = {
  "account.updated": ofAccount,
  "transfer.created": ofTransfer,
  "transfer.reversed": ofTransfer,
} as const satisfies EventHandlers;
