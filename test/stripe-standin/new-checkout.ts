// Opening a Checkout page: what it is asked for, and every refusal on the way. What happens on it is in checkout.ts.

import type Stripe from "stripe";
import { payUrl } from "./checkout.ts";
import { AMOUNT_MIN_CENTS, discounted, readDiscount } from "./discounts.ts";
import { invalidRequest, missing } from "./errors.ts";
import { found } from "./find.ts";
import * as objects from "./objects.ts";
import { required, type Read } from "./params.ts";
import { makePrice, PRODUCT_DATA, readAmount } from "./prices.ts";
import { make, randomId, secondsNow, timeOf, type World } from "./world.ts";

export const CHECKOUT = {
  mode: "string",
  ui_mode: "string",
  customer: "string",
  customer_email: "string",
  client_reference_id: "string",
  line_items: [
    {
      quantity: "integer",
      price: "string",
      price_data: {
        currency: "string",
        unit_amount: "integer",
        product: "string",
        product_data: PRODUCT_DATA,
        recurring: { interval: "string" },
        tax_behavior: "string",
      },
    },
  ],
  metadata: "map",
  subscription_data: { metadata: "map" },
  payment_intent_data: { description: "string", metadata: "map", setup_future_usage: "string" },
  automatic_tax: { enabled: "boolean" },
  allow_promotion_codes: "boolean",
  discounts: [{ coupon: "string", promotion_code: "string" }],
  billing_address_collection: "string",
  customer_update: { address: "string", name: "string" },
  tax_id_collection: { enabled: "boolean" },
  success_url: "string",
  cancel_url: "string",
  expires_at: "integer",
  submit_type: "string",
} as const;

const CHECKOUT_LASTS_SECONDS = 24 * 60 * 60;

export function createCheckout(outside: World, params: Read<typeof CHECKOUT>): Stripe.Checkout.Session {
  const world = timeOf(outside, params.customer);
  if (params.mode !== "payment" && params.mode !== "subscription")
    throw invalidRequest("This stand-in emulates Checkout in `payment` and `subscription` mode.", { param: "mode" });
  const isSubscription = params.mode === "subscription";
  if (isSubscription && (!params.customer || params.payment_intent_data))
    throw invalidRequest("A subscription here is for a customer, and takes no payment_intent_data.", { param: "mode" });
  if (params.ui_mode !== undefined && params.ui_mode !== "hosted_page")
    throw invalidRequest("This stand-in emulates the hosted page only.", { param: "ui_mode" });
  if (params.customer && !world.state.find("customer", params.customer))
    throw missing("customer", params.customer, "customer");
  const expiresAt = params.expires_at ?? secondsNow(world) + CHECKOUT_LASTS_SECONDS;
  if (expiresAt < secondsNow(world) + 30 * 60 || expiresAt > secondsNow(world) + CHECKOUT_LASTS_SECONDS)
    throw invalidRequest(
      "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
      {
        param: "expires_at",
      },
    );
  const lineItems = required(params.line_items, "line_items").map((item, i) => {
    const price = item.price
      ? found(world, "price", item.price)
      : makePrice(world, required(item.price_data, `line_items[${i}][price_data]`));
    const name = world.state.find("product", price.product as string)!.name;
    return objects.lineItem(randomId("li_1"), price, readAmount(item.quantity ?? 1, "quantity"), name);
  });
  const amount = lineItems.reduce((sum, item) => sum + item.amount_total, 0);
  assertChargeable(amount);
  const made = make(world, "cs_test_", 58);
  const session = objects.checkoutSession(made, {
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    amount_total: amount,
    ...taxOf(params, lineItems),
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    currency: lineItems[0]!.currency,
    customer: params.customer ?? null,
    customer_creation: params.customer ? null : "if_required",
    customer_email: params.customer_email ?? null,
    expires_at: expiresAt,
    metadata: params.metadata ?? {},
    mode: params.mode,
    submit_type: (params.submit_type as Stripe.Checkout.Session.SubmitType) ?? null,
    success_url: readUrl(required(params.success_url, "success_url"), "success_url"),
    url: payUrl(world, made.id),
  });
  world.state.put("note.checkout", {
    id: session.id,
    lineItems,
    ...(isSubscription && { subscriptionMetadata: params.subscription_data?.metadata ?? {} }),
    paymentMetadata: params.payment_intent_data?.metadata ?? {},
    paymentDescription: params.payment_intent_data?.description ?? null,
    setupFutureUsage: readUsage(params.payment_intent_data?.setup_future_usage, params.customer),
    keepsAddress: params.customer_update?.address === "auto",
  });
  const opened = discounted(world, { ...session, discounts: discountsOf(world, params) });
  if (opened.amount_total !== 0) assertChargeable(opened.amount_total!);
  return opened;
}

function assertChargeable(amount: number): void {
  if (amount < AMOUNT_MIN_CENTS)
    throw invalidRequest("The Checkout Session's total amount due must add up to at least $0.50 usd", {
      code: "amount_too_small",
    });
}

function discountsOf(world: World, params: Read<typeof CHECKOUT>): Stripe.Checkout.Session.Discount[] {
  const given = params.discounts ?? [];
  if (params.discounts && params.allow_promotion_codes !== undefined)
    throw invalidRequest("You may only specify one of these parameters: allow_promotion_codes, discounts.", {
      param: "allow_promotion_codes",
    });
  if (given.length > 1) throw invalidRequest("You may apply at most one discount.", { param: "discounts" });
  return given.map((one) => {
    const { coupon, promotionCode } = readDiscount(world, one);
    return promotionCode
      ? { coupon: null, promotion_code: promotionCode.id }
      : { coupon: coupon.id, promotion_code: null };
  });
}

/** Stripe Tax on a page: the tax is worked out once the buyer has said where they are (tax.ts). */
function taxOf(
  params: Read<typeof CHECKOUT>,
  items: Stripe.LineItem[],
): Pick<Partial<Stripe.Checkout.Session>, "billing_address_collection" | "tax_id_collection" | "automatic_tax"> {
  const asksForTaxId = params.tax_id_collection?.enabled ?? false;
  const asked = {
    billing_address_collection: (params.billing_address_collection ??
      null) as Stripe.Checkout.Session["billing_address_collection"],
    ...(asksForTaxId && { tax_id_collection: { enabled: true, required: "never" as const } }),
  };
  if (params.customer && asksForTaxId && params.customer_update?.name !== "auto")
    throw invalidRequest(
      "Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.",
      { param: "customer_update[name]" },
    );
  if (!params.automatic_tax?.enabled) return asked;
  if (params.customer && params.customer_update?.address !== "auto")
    throw invalidRequest(
      "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the Customer.",
      { code: "customer_tax_location_invalid", param: "customer_update[address]" },
    );
  if (items.some((item) => item.price?.tax_behavior === "unspecified"))
    throw invalidRequest("You must specify a `tax_behavior` on every price when automatic tax is enabled.", {
      param: "line_items[0][price_data][tax_behavior]",
    });
  return {
    ...asked,
    automatic_tax: {
      enabled: true,
      liability: { type: "self" },
      provider: "stripe",
      status: "requires_location_inputs",
    },
  };
}

function readUsage(usage: string | undefined, customer: string | undefined): "off_session" | "on_session" | null {
  if (usage === undefined) return null;
  if (usage !== "off_session" && usage !== "on_session")
    throw invalidRequest("Invalid setup_future_usage: must be one of off_session or on_session", {
      param: "payment_intent_data[setup_future_usage]",
    });
  if (!customer) throw invalidRequest("This stand-in keeps cards for a customer only.", { param: "customer" });
  return usage;
}

function readUrl(text: string, param: string): string {
  if (!URL.canParse(text.replaceAll("{CHECKOUT_SESSION_ID}", "id")))
    throw invalidRequest("Not a valid URL", { code: "url_invalid", param });
  return text;
}
