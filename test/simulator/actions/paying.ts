// Providers are paid: by the week and on request, to accounts that come and go, with transfers that come back.

import { DomainError } from "../../../domain/errors.ts";
import { sendDuePayouts } from "../../../domain/payouts/run-payouts.ts";
import { requestPayout } from "../../../domain/payouts/request-payout.ts";
import type { Dice } from "../dice.ts";
import { Crashed } from "../faults.ts";
import { readyForPayouts } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import type { Area } from "./action.ts";

const HOLD_MS = 7 * 24 * 3600 * 1000;
const A_WEEK = 8 * 24 * 3600;

/** Asked for, and sent as the cron does. */
async function request(world: World, dice: Dice): Promise<void> {
  if (dice.chance(0.3)) world.jump(A_WEEK);
  try {
    await world.faults.untilCrash(requestPayout(world.env, dice.pick(world.apps).id, null, world.now));
  } catch (error) {
    if (error instanceof Crashed || (!(error instanceof DomainError) && !world.faults.hasStruck)) throw error;
  }
  try {
    await world.faults.untilCrash(sendDuePayouts(world.env, world.now));
  } catch (error) {
    if (error instanceof Crashed || !world.faults.hasStruck) throw error;
  }
}

async function comeBack(world: World, dice: Dice): Promise<void> {
  const transfers = world.standin.world.state.all("transfer");
  if (transfers.length === 0) return;
  const { id, amount } = dice.pick(transfers);
  await world.stripe(`/transfers/${id}/reverse`, dice.chance(0.5) ? { amount: dice.between(1, amount) } : {});
}

async function move(world: World, dice: Dice): Promise<void> {
  const accounts = world.standin.world.state.all("account");
  if (accounts.length === 0) return;
  const stage = dice.pick(["complete", "complete", "restricted"]);
  await world.stripe(`/accounts/${dice.pick(accounts).id}/stage`, { stage });
}

interface PayoutRow {
  id: string;
  amount: number;
  status: string;
  transferId: string | null;
}

export const paying: Area = {
  name: "paying",
  actions: [
    { name: "a week", weight: 2, run: async (world) => world.jump(A_WEEK) },
    { name: "pay out", weight: 4, run: request },
    { name: "transfer comes back", weight: 1, run: comeBack },
    { name: "account moves", weight: 1, run: move },
  ],

  prepare: readyForPayouts,

  check(world) {
    const early = world.database.read(
      `SELECT y.id FROM payables y JOIN payouts p ON p.id = y.payout_id
       WHERE y.kind = 'settlement' AND y.counts_from > p.created_at - ${HOLD_MS}`,
    );
    if (early.length > 0) throw new Violation(`paid out before the hold days were over: ${JSON.stringify(early)}`);
    const transfers = world.standin.world.state.all("transfer");
    if (transfers.length === 0) return;
    const payouts = new Map(
      world.database
        .read<PayoutRow>("SELECT id, amount_cents AS amount, status, transfer_id AS transferId FROM payouts")
        .map((payout) => [payout.id, payout]),
    );
    const paid = new Set<string>();
    for (const { id } of transfers) {
      if (!world.seen.has(id)) world.count("transfer to a provider");
      world.seen.add(id);
    }
    for (const { id, metadata, amount } of transfers) {
      const payout = payouts.get(metadata.payout_id ?? "");
      if (!payout || payout.amount !== amount) throw new Violation(`transfer ${id} of ${amount} belongs to no payout`);
      if (paid.has(payout.id)) throw new Violation(`payout ${payout.id} was transferred twice`);
      paid.add(payout.id);
    }
    for (const { id, status } of payouts.values())
      if (status === "paid" && !paid.has(id)) throw new Violation(`payout ${id} is paid and nothing was transferred`);
  },
};
