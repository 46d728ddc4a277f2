// What falls due for the customers of a test clock, one thing at a time and earliest first: pages that expire, terms that
// end, invoices that are finalized and tried again. And money that becomes available, on any clock.

import type Stripe from "stripe";
import { expireSession } from "./checkout.ts";
import { endTerm, finalize, tryAgain } from "./billing-cycle.ts";
import { secondsNow, type World } from "./world.ts";

export interface Due {
  /** Seconds. */
  at: number;
  run(world: World): void;
}

/** The first thing that falls due until then; null when there is nothing. */
export function dueAtClock(world: World, clockId: string, until: number): Due | null {
  const { state } = world;
  const customers = new Set(
    state
      .all("customer")
      .filter((one) => one.test_clock === clockId)
      .map(({ id }) => id),
  );
  const isOurs = (one: { customer: unknown }) => customers.has(String(one.customer));
  const due: Due[] = [
    ...state
      .all("checkout.session")
      .filter((one) => isOurs(one) && one.status === "open")
      .map((one) => ({ at: one.expires_at, run: (then: World) => void expireSession(then, one.id) })),
    ...state
      .all("subscription")
      .filter((one) => isOurs(one) && one.status !== "canceled")
      .map((one) => ({ at: one.items.data[0]!.current_period_end, run: (then: World) => endTerm(then, one.id) })),
    ...state.all("invoice").filter(isOurs).flatMap(stepsOfInvoice),
  ];
  const first = due.toSorted((a, b) => a.at - b.at)[0];
  return first && first.at <= until ? first : null;
}

function stepsOfInvoice(invoice: Stripe.Invoice): Due[] {
  const { id, status, automatically_finalizes_at: finalizesAt, next_payment_attempt: triedAt } = invoice;
  if (status === "draft" && finalizesAt !== null) return [{ at: finalizesAt, run: (then) => finalize(then, id) }];
  if (status === "open" && triedAt !== null) return [{ at: triedAt, run: (then) => tryAgain(then, id) }];
  return [];
}

/** Pending money whose day has come is available: of customers of this clock, or of those without one. */
export function settleMovements(world: World, clockId: string | null): void {
  for (const movement of world.state.all("balance_transaction"))
    if (
      movement.status === "pending" &&
      movement.available_on <= secondsNow(world) &&
      clockOf(world, movement) === clockId
    )
      world.state.put("balance_transaction", { ...movement, status: "available" });
}

function clockOf(world: World, { source }: Stripe.BalanceTransaction): string | null {
  const refund = world.state.find("refund", source as string);
  const charge = world.state.find("charge", (refund ? refund.charge : source) as string);
  const customer = charge?.customer ? world.state.find("customer", charge.customer as string) : undefined;
  return (customer?.test_clock as string | null | undefined) ?? null;
}
