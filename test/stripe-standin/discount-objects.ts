// Coupons, the codes people type for them, and discounts as the wire carries them, typed by the pinned SDK.

import type Stripe from "stripe";

type Made = { id: string; created: number };

export const coupon = (made: Made, given: Partial<Stripe.Coupon>): Stripe.Coupon => ({
  object: "coupon",
  amount_off: null,
  currency: null,
  duration: "once",
  duration_in_months: null,
  livemode: false,
  max_redemptions: null,
  metadata: {},
  name: null,
  percent_off: null,
  redeem_by: null,
  times_redeemed: 0,
  valid: true,
  ...given,
  ...made,
});

export const promotionCode = (
  made: Made,
  given: Partial<Stripe.PromotionCode> & { code: string; promotion: Stripe.PromotionCode.Promotion },
): Stripe.PromotionCode => ({
  object: "promotion_code",
  active: true,
  customer: null,
  customer_account: null,
  expires_at: null,
  livemode: false,
  max_redemptions: null,
  metadata: {},
  restrictions: { first_time_transaction: false, minimum_amount: null, minimum_amount_currency: null },
  times_redeemed: 0,
  ...given,
  ...made,
});

/** A coupon at work on a subscription. */
export const discount = (
  made: Made,
  of: {
    coupon: Stripe.Coupon;
    promotionCode: string | null;
    session: Stripe.Checkout.Session;
    subscription: string;
    end: number | null;
  },
): Stripe.Discount => ({
  id: made.id,
  object: "discount",
  checkout_session: of.session.id,
  customer: of.session.customer,
  customer_account: null,
  end: of.end,
  invoice: null,
  invoice_item: null,
  promotion_code: of.promotionCode,
  source: { coupon: of.coupon.id, type: "coupon" },
  start: made.created,
  subscription: of.subscription,
  subscription_item: null,
});
