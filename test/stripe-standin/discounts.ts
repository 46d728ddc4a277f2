// What a coupon takes off: a page that was opened with one, a code the buyer types, and the months of a subscription.
// docs.stripe.com/payments/checkout/discounts

import type Stripe from "stripe";
import { findCoupon, isRedeemable, isSameCode } from "./coupons.ts";
import * as objects from "./discount-objects.ts";
import { invalidRequest, missing } from "./errors.ts";
import { monthsAfter } from "./months.ts";
import { emit, make, secondsNow, type World } from "./world.ts";

type Session = Stripe.Checkout.Session;

/** Less than this, and more than nothing, cannot be charged. */
export const AMOUNT_MIN_CENTS = 50;

export interface Applied {
  coupon: Stripe.Coupon;
  promotionCode: Stripe.PromotionCode | null;
}

/** What `discounts` of a new page names. @throws StripeRefusal 400 */
export function readDiscount(world: World, given: { coupon?: string; promotion_code?: string }): Applied {
  if ((given.coupon === undefined) === (given.promotion_code === undefined))
    throw invalidRequest("A discount is a coupon or a promotion code.", { param: "discounts[0]" });
  if (given.coupon !== undefined) {
    const coupon = findCoupon(world, given.coupon, "discounts[0][coupon]");
    if (!isRedeemable(world, coupon))
      throw invalidRequest(`Coupon expired: ${coupon.id}`, { code: "coupon_expired", param: "discounts[0][coupon]" });
    return { coupon, promotionCode: null };
  }
  const code = world.state.find("promotion_code", given.promotion_code!);
  if (!code) throw missing("promotion code", given.promotion_code!, "discounts[0][promotion_code]");
  const applied = usable(world, code, null);
  if (!applied)
    throw invalidRequest("This promotion code cannot be redeemed.", { param: "discounts[0][promotion_code]" });
  return applied;
}

/** A code as the buyer typed it; Stripe's page tells no more than this. Removes what was there with "". */
export function applyCode(
  world: World,
  session: Session,
  typed: string,
): { ok: true } | { ok: false; message: string } {
  if (!session.allow_promotion_codes) return { ok: false, message: "This page takes no codes." };
  if (typed.trim() === "") {
    discounted(world, { ...session, discounts: [] });
    return { ok: true };
  }
  const code = world.state.all("promotion_code").findLast((one) => one.active && isSameCode(one.code, typed.trim()));
  const applied = code && usable(world, code, session);
  if (!applied) return { ok: false, message: "This code is invalid." };
  const next = discounted(world, {
    ...session,
    discounts: [{ coupon: null, promotion_code: applied.promotionCode!.id }],
  });
  if (next.amount_total === 0 || next.amount_total! >= AMOUNT_MIN_CENTS) return { ok: true };
  discounted(world, session);
  return { ok: false, message: "This code would leave less to pay than can be charged." };
}

function usable(world: World, code: Stripe.PromotionCode, session: Session | null): Applied | null {
  const coupon = world.state.find("coupon", code.promotion.coupon as string);
  const { first_time_transaction: isForNew, minimum_amount: minimum } = code.restrictions;
  const isOpen =
    code.active &&
    isRedeemable(world, coupon) &&
    (code.expires_at === null || code.expires_at > secondsNow(world)) &&
    (code.max_redemptions === null || code.times_redeemed < code.max_redemptions);
  const isForThis =
    !session ||
    ((code.customer === null || code.customer === session.customer) &&
      (minimum === null || session.amount_subtotal! >= minimum) &&
      (coupon?.amount_off == null || coupon.currency === session.currency) &&
      (!isForNew || !hasPaidBefore(world, session.customer as string | null)));
  return coupon && isOpen && isForThis ? { coupon, promotionCode: code } : null;
}

const hasPaidBefore = (world: World, customer: string | null): boolean =>
  customer !== null && world.state.all("charge").some((one) => one.customer === customer && one.paid);

/** What the page was given or the buyer typed. */
export function appliedTo(world: World, session: Session): Applied | null {
  const given = session.discounts?.[0];
  if (!given) return null;
  const promotionCode = given.promotion_code
    ? world.state.find("promotion_code", given.promotion_code as string)!
    : null;
  const coupon = world.state.find("coupon", (promotionCode?.promotion.coupon ?? given.coupon) as string)!;
  return { coupon, promotionCode };
}

/** The page with its discount taken off each line, before tax (tax.ts), and stored. */
export function discounted(world: World, session: Session): Session {
  const note = world.state.find("note.checkout", session.id)!;
  const applied = appliedTo(world, session);
  let left = applied ? takenOff(applied.coupon, session.amount_subtotal!) : 0;
  const lineItems = note.lineItems.map((item, i) => {
    const isLast = i === note.lineItems.length - 1;
    const share = applied ? Math.min(left, takenOff(applied.coupon, item.amount_subtotal)) : 0;
    const off = isLast ? Math.min(left, item.amount_subtotal) : share;
    left -= off;
    return { ...item, amount_discount: off, amount_tax: 0, amount_total: item.amount_subtotal - off };
  });
  const sum = (field: "amount_discount" | "amount_total") => lineItems.reduce((total, item) => total + item[field], 0);
  world.state.put("note.checkout", { ...note, lineItems });
  return world.state.put("checkout.session", {
    ...session,
    amount_total: sum("amount_total"),
    total_details: { amount_discount: sum("amount_discount"), amount_shipping: 0, amount_tax: 0 },
  });
}

/** Never more than there is; half a cent goes up. */
export const takenOff = (coupon: Stripe.Coupon, cents: number): number =>
  Math.min(cents, coupon.amount_off ?? Math.round((cents * coupon.percent_off!) / 100));

/** Count one use of a coupon and its code, now that the page is done. */
export function redeem(world: World, session: Session): void {
  const applied = appliedTo(world, session);
  if (!applied) return;
  const { coupon, promotionCode: code } = applied;
  world.state.put("coupon", { ...coupon, times_redeemed: coupon.times_redeemed + 1 });
  if (!code) return;
  const used = code.times_redeemed + 1;
  const active = code.active && (code.max_redemptions === null || used < code.max_redemptions);
  world.state.put("promotion_code", { ...code, active, times_redeemed: used });
}

// Subscriptions --------------------------------------------------------------------------------------------------------

/** The discount a paid page leaves on its subscription. */
export function beginDiscount(
  world: World,
  session: Session,
  subscription: { id: string; start: number },
): Stripe.Discount | null {
  const applied = appliedTo(world, session);
  if (!applied) return null;
  const { coupon, promotionCode } = applied;
  const months = coupon.duration_in_months;
  const begun = world.state.put(
    "discount",
    objects.discount(make(world, "di_1"), {
      coupon,
      promotionCode: promotionCode?.id ?? null,
      session,
      subscription: subscription.id,
      end: months === null ? null : monthsAfter(subscription.start, months),
    }),
  );
  emit(world, "customer.discount.created", begun);
  return begun;
}

/** What comes off an invoice for this term; "repeating" lasts as long as its months. */
export function discountOf(
  world: World,
  subscription: Stripe.Subscription,
  term: { start: number },
): { discount: Stripe.Discount; cents: number } | null {
  const id = subscription.discounts[0] as string | undefined;
  const discount = id && world.state.find("discount", id);
  if (!discount) return null;
  const coupon = world.state.find("coupon", discount.source.coupon as string)!;
  if (discount.end !== null && term.start >= discount.end) return null;
  const item = subscription.items.data[0]!;
  return { discount, cents: takenOff(coupon, item.price.unit_amount! * (item.quantity ?? 1)) };
}

/** A discount that takes nothing off what comes next leaves its subscription: "once" after the first invoice. */
export function endDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  next: { start: number },
): Stripe.Subscription {
  const upcoming = discountOf(world, subscription, next);
  const coupon = upcoming && world.state.find("coupon", upcoming.discount.source.coupon as string)!;
  if (coupon && coupon.duration !== "once") return subscription;
  for (const id of subscription.discounts as string[])
    emit(world, "customer.discount.deleted", world.state.find("discount", id)!);
  return { ...subscription, discounts: [] };
}
