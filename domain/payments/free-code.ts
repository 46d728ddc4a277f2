// A buyer who left a checkout page and starts again with the same promotion code: the page they left is closed at Stripe,
// so that it gives its use of the code back and nobody can pay by it twice.

import type { Millis } from "../clock.ts";
import { expireCheckout } from "../gateways/stripe-checkout.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { openOrdersWithCode } from "./promotion-store.ts";
import { reconcile } from "./reconcile.ts";
import { closeUnpaid, findOrder } from "./store.ts";

/**
 * Close this person's unpaid orders with this code.
 * @param staleBefore Orders without a page that began before it are dead: whoever made them does not wait any more.
 * @returns Whether any use became free. An order that turns out to be paid is credited and keeps its use.
 * @throws DomainError `payment_provider_unavailable`
 */
export async function freeCode(
  env: StripeEnv & { DB: D1Database },
  it: { userId: string; code: string; staleBefore: Millis },
  now: Millis,
): Promise<boolean> {
  let isFreed = false;
  for (const id of await openOrdersWithCode(env.DB, it.userId, it.code)) {
    const order = await findOrder(env.DB, id);
    if (order?.checkoutId) {
      await expireCheckout(await stripeClient(env), order.checkoutId);
      const { order: after } = await reconcile(env, order, now);
      isFreed ||= after.status === "expired" || after.status === "failed";
    } else if (order && order.createdAt < it.staleBefore) {
      await closeUnpaid(env.DB, id, "failed", null).run();
      isFreed = true;
    }
  }
  return isFreed;
}
