// Coupons and promotion codes: made, listed, stopped. What they take off a page is in discounts.ts.
// docs.stripe.com/billing/subscriptions/coupons

import type Stripe from "stripe";
import * as objects from "./discount-objects.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalidRequest, missing } from "./errors.ts";
import { LIST_PARAMS, listOf } from "./lists.ts";
import { required, type Read } from "./params.ts";
import { emit, make, randomId, secondsNow, type World } from "./world.ts";

const COUPON = {
  id: "string",
  name: "string",
  percent_off: "string",
  amount_off: "integer",
  currency: "string",
  duration: "string",
  duration_in_months: "integer",
  max_redemptions: "integer",
  redeem_by: "integer",
  metadata: "map",
} as const;
const PROMOTION_CODE = {
  promotion: { type: "string", coupon: "string" },
  code: "string",
  active: "boolean",
  customer: "string",
  expires_at: "integer",
  max_redemptions: "integer",
  metadata: "map",
  restrictions: {
    first_time_transaction: "boolean",
    minimum_amount: "integer",
    minimum_amount_currency: "string",
  },
} as const;

export const COUPON_ENDPOINTS: readonly Endpoint[] = [
  endpoint("POST", "/v1/coupons", COUPON, createCoupon),
  endpoint("GET", "/v1/coupons", LIST_PARAMS, (world, params) => {
    const list = listOf(world, "coupon", "/v1/coupons", params);
    return { ...list, data: list.data.map((coupon) => asOfNow(world, coupon)) };
  }),
  endpoint("GET", "/v1/coupons/:id", {}, (world, _, id) => asOfNow(world, findCoupon(world, id))),
  // What it takes off already goes on; nobody new can use it.
  endpoint("DELETE", "/v1/coupons/:id", {}, (world, _, id) => {
    const coupon = findCoupon(world, id);
    world.state.put("note.deleted", { id });
    emit(world, "coupon.deleted", { ...coupon, valid: false });
    return { id, object: "coupon", deleted: true } satisfies Stripe.DeletedCoupon;
  }),
  endpoint("POST", "/v1/promotion_codes", PROMOTION_CODE, createCode),
  endpoint(
    "GET",
    "/v1/promotion_codes",
    { ...LIST_PARAMS, active: "boolean", code: "string", coupon: "string", customer: "string" },
    (world, { active, code, coupon, customer, ...params }) =>
      listOf(
        world,
        "promotion_code",
        "/v1/promotion_codes",
        params,
        (one) =>
          (active === undefined || one.active === active) &&
          (!code || one.code.toLowerCase() === code.toLowerCase()) &&
          (!coupon || one.promotion.coupon === coupon) &&
          (!customer || one.customer === customer),
      ),
  ),
  endpoint("GET", "/v1/promotion_codes/:id", {}, (world, _, id) => findCode(world, id)),
  endpoint("POST", "/v1/promotion_codes/:id", { active: "boolean", metadata: "map" }, (world, params, id) => {
    const known = findCode(world, id);
    if (params.active && !isRedeemable(world, world.state.find("coupon", known.promotion.coupon as string)))
      throw invalidRequest("The coupon of this promotion code cannot be redeemed any more.", { param: "active" });
    const changed = world.state.put("promotion_code", {
      ...known,
      active: params.active ?? known.active,
      metadata: { ...known.metadata, ...params.metadata },
    });
    emit(world, "promotion_code.updated", changed, { active: known.active });
    return changed;
  }),
];

function createCoupon(world: World, params: Read<typeof COUPON>): Stripe.Coupon {
  const { id, percent_off: percent, duration = "once", ...given } = params;
  if ((percent === undefined) === (given.amount_off === undefined))
    throw invalidRequest("Must provide percent_off or amount_off, and not both.", { param: "percent_off" });
  if (percent !== undefined && !(Number(percent) > 0 && Number(percent) <= 100))
    throw invalidRequest("percent_off must be greater than 0 and less than or equal to 100.", {
      param: "percent_off",
    });
  if (given.amount_off !== undefined && given.amount_off < 1)
    throw invalidRequest("Invalid positive integer", { code: "parameter_invalid_integer", param: "amount_off" });
  if ((given.amount_off === undefined) !== (given.currency === undefined))
    throw invalidRequest("currency goes with amount_off, and only with it.", { param: "currency" });
  if (!["once", "repeating", "forever"].includes(duration))
    throw invalidRequest("Invalid duration: must be one of forever, once, or repeating", { param: "duration" });
  if ((duration === "repeating") !== (given.duration_in_months !== undefined))
    throw invalidRequest("duration_in_months goes with a repeating coupon, and only with it.", {
      param: "duration_in_months",
    });
  const made = { ...make(world, "", 8), ...(id && { id }) };
  if (world.state.find("coupon", made.id))
    throw invalidRequest("Coupon already exists.", { code: "resource_already_exists", param: "id" });
  const off = percent === undefined ? {} : { percent_off: Number(percent) };
  const coupon = world.state.put("coupon", objects.coupon(made, { ...given, ...off, duration }));
  emit(world, "coupon.created", coupon);
  return coupon;
}

function createCode(world: World, params: Read<typeof PROMOTION_CODE>): Stripe.PromotionCode {
  const { promotion, code, restrictions, ...given } = params;
  const { type, coupon: couponId } = required(promotion, "promotion");
  if (type !== "coupon") throw invalidRequest("Invalid promotion[type]: must be coupon", { param: "promotion[type]" });
  const coupon = findCoupon(world, required(couponId, "promotion[coupon]"), "promotion[coupon]");
  if (code !== undefined && !/^[A-Za-z0-9-]{1,500}$/.test(code))
    throw invalidRequest("A code has letters, digits and dashes.", { param: "code" });
  if (given.customer && !world.state.find("customer", given.customer))
    throw missing("customer", given.customer, "customer");
  const word = code ?? randomId("", 8).toUpperCase();
  const taken = world.state.all("promotion_code").some((one) => one.active && isSameCode(one.code, word));
  if (taken) throw invalidRequest(`An active promotion code with \`code: ${word}\` already exists.`, { param: "code" });
  const made = world.state.put(
    "promotion_code",
    objects.promotionCode(make(world, "promo_1"), {
      ...given,
      code: word,
      promotion: { type: "coupon", coupon: coupon.id },
      restrictions: {
        first_time_transaction: restrictions?.first_time_transaction ?? false,
        minimum_amount: restrictions?.minimum_amount ?? null,
        minimum_amount_currency: restrictions?.minimum_amount_currency ?? null,
      },
    }),
  );
  emit(world, "promotion_code.created", made);
  return made;
}

export const isSameCode = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export function findCoupon(world: World, id: string, param = "id"): Stripe.Coupon {
  const coupon = world.state.find("coupon", id);
  if (!coupon || world.state.find("note.deleted", id)) throw missing("coupon", id, param);
  return coupon;
}

function findCode(world: World, id: string): Stripe.PromotionCode {
  const code = world.state.find("promotion_code", id);
  if (!code) throw missing("promotion_code", id);
  return code;
}

/** Nobody changes a coupon when its time is over or its last use is taken: it says so when it is looked at. */
const asOfNow = (world: World, coupon: Stripe.Coupon): Stripe.Coupon => ({
  ...coupon,
  valid: isRedeemable(world, coupon),
});

export const isRedeemable = (world: World, coupon: Stripe.Coupon | undefined): boolean =>
  coupon !== undefined &&
  !world.state.find("note.deleted", coupon.id) &&
  (coupon.redeem_by === null || coupon.redeem_by > secondsNow(world)) &&
  (coupon.max_redemptions === null || coupon.times_redeemed < coupon.max_redemptions);
