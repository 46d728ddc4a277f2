// The endpoints this stand-in answers, each with the parameters it understands. Anything else is Stripe's 404.

import type Stripe from "stripe";
import { DISPUTE_ENDPOINTS } from "./disputes.ts";
import { OFF_SESSION_ENDPOINTS } from "./off-session.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { expireSession, findSession, payUrl } from "./checkout.ts";
import { CONNECT_ENDPOINTS } from "./connect-endpoints.ts";
import { invalidRequest, missing } from "./errors.ts";
import { LIST_PARAMS, listOf, page } from "./lists.ts";
import { METER_ENDPOINTS } from "./meters.ts";
import * as objects from "./objects.ts";
import { required, type Read } from "./params.ts";
import { CARD_ENDPOINTS } from "./saved-cards.ts";
import { createRefund, findRefund } from "./refunds.ts";
import type { Kind, Kinds } from "./state.ts";
import { SUBSCRIPTION_ENDPOINTS } from "./subscriptions.ts";
import { emit, make, randomId, secondsNow, type World } from "./world.ts";

function found<K extends Kind>(world: World, kind: K, id: string, resource: string = kind): Kinds[K] {
  const object = world.state.find(kind, id);
  if (!object) throw missing(resource, id);
  return object;
}

const PRODUCT_DATA = { name: "string", description: "string", metadata: "map", tax_code: "string" } as const;
const CUSTOMER = { email: "string", name: "string", description: "string", phone: "string", metadata: "map" } as const;
const CHECKOUT = {
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
  billing_address_collection: "string",
  customer_update: { address: "string", name: "string" },
  tax_id_collection: { enabled: "boolean" },
  success_url: "string",
  cancel_url: "string",
  expires_at: "integer",
  submit_type: "string",
} as const;

export const ENDPOINTS: readonly Endpoint[] = [
  endpoint("POST", "/v1/customers", CUSTOMER, (world, params) => {
    const made = world.state.put("customer", objects.customer(make(world, "cus_", 14), params));
    emit(world, "customer.created", made);
    return made;
  }),
  endpoint("GET", "/v1/customers", { ...LIST_PARAMS, email: "string" }, (world, { email, ...params }) =>
    listOf(world, "customer", "/v1/customers", params, (one) => !email || one.email === email),
  ),
  endpoint("GET", "/v1/customers/:id", {}, (world, _, id) => found(world, "customer", id)),
  endpoint("POST", "/v1/customers/:id", CUSTOMER, (world, { metadata, ...params }, id) => {
    const known = found(world, "customer", id);
    const changed = world.state.put("customer", { ...known, ...params, metadata: { ...known.metadata, ...metadata } });
    emit(world, "customer.updated", changed);
    return changed;
  }),

  endpoint("POST", "/v1/products", { ...PRODUCT_DATA, active: "boolean" }, (world, params) =>
    makeProduct(world, params),
  ),
  endpoint("GET", "/v1/products", LIST_PARAMS, (world, params) => listOf(world, "product", "/v1/products", params)),
  endpoint("GET", "/v1/products/:id", {}, (world, _, id) => found(world, "product", id)),

  endpoint(
    "POST",
    "/v1/prices",
    {
      currency: "string",
      unit_amount: "integer",
      product: "string",
      product_data: PRODUCT_DATA,
      nickname: "string",
      metadata: "map",
    },
    (world, params) => makePrice(world, params),
  ),
  endpoint("GET", "/v1/prices", { ...LIST_PARAMS, product: "string" }, (world, { product, ...params }) =>
    listOf(world, "price", "/v1/prices", params, (price) => !product || price.product === product),
  ),
  endpoint("GET", "/v1/prices/:id", {}, (world, _, id) => found(world, "price", id)),

  endpoint("POST", "/v1/checkout/sessions", CHECKOUT, createCheckout),
  endpoint(
    "GET",
    "/v1/checkout/sessions",
    { ...LIST_PARAMS, payment_intent: "string", customer: "string", status: "string" },
    (world, { payment_intent, customer, status, ...params }) =>
      listOf(
        world,
        "checkout.session",
        "/v1/checkout/sessions",
        params,
        (session) =>
          (!payment_intent || session.payment_intent === payment_intent) &&
          (!customer || session.customer === customer) &&
          (!status || session.status === status),
      ),
  ),
  endpoint("GET", "/v1/checkout/sessions/:id", {}, (world, _, id) => found(world, "checkout.session", id)),
  endpoint("POST", "/v1/checkout/sessions/:id/expire", {}, (world, _, id) => expireSession(world, id)),
  endpoint("GET", "/v1/checkout/sessions/:id/line_items", LIST_PARAMS, (world, params, id) =>
    page(
      world.state.find("note.checkout", findSession(world, id).id)!.lineItems,
      `/v1/checkout/sessions/${id}/line_items`,
      params,
    ),
  ),

  endpoint("GET", "/v1/payment_intents", { ...LIST_PARAMS, customer: "string" }, (world, { customer, ...params }) =>
    listOf(world, "payment_intent", "/v1/payment_intents", params, (one) => !customer || one.customer === customer),
  ),
  endpoint("GET", "/v1/payment_intents/:id", {}, (world, _, id) => found(world, "payment_intent", id)),

  endpoint("GET", "/v1/charges", { ...LIST_PARAMS, payment_intent: "string" }, (world, { payment_intent, ...params }) =>
    listOf(world, "charge", "/v1/charges", params, (one) => !payment_intent || one.payment_intent === payment_intent),
  ),
  endpoint("GET", "/v1/charges/:id", {}, (world, _, id) => found(world, "charge", id)),

  endpoint(
    "POST",
    "/v1/refunds",
    { payment_intent: "string", charge: "string", amount: "integer", reason: "string", metadata: "map" },
    (world, params) => createRefund(world, params),
  ),
  endpoint(
    "GET",
    "/v1/refunds",
    { ...LIST_PARAMS, payment_intent: "string", charge: "string" },
    (world, { payment_intent, charge, ...params }) =>
      listOf(
        world,
        "refund",
        "/v1/refunds",
        params,
        (one) => (!payment_intent || one.payment_intent === payment_intent) && (!charge || one.charge === charge),
      ),
  ),
  endpoint("GET", "/v1/refunds/:id", {}, (world, _, id) => findRefund(world, id)),

  endpoint(
    "GET",
    "/v1/balance_transactions",
    { ...LIST_PARAMS, type: "string", source: "string" },
    (world, { type, source, ...params }) =>
      listOf(
        world,
        "balance_transaction",
        "/v1/balance_transactions",
        params,
        (one) => (!type || one.type === type) && (!source || one.source === source),
      ),
  ),
  endpoint("GET", "/v1/balance_transactions/:id", {}, (world, _, id) => found(world, "balance_transaction", id)),

  endpoint(
    "GET",
    "/v1/events",
    { ...LIST_PARAMS, type: "string", types: ["string"] },
    (world, { type, types, ...params }) => {
      const wanted = types ?? (type ? [type] : null);
      if (wanted && wanted.length > 20) throw invalidRequest("You may list at most 20 types.", { param: "types" });
      return listOf(world, "event", "/v1/events", params, (event) => !wanted || wanted.includes(event.type));
    },
  ),
  endpoint("GET", "/v1/events/:id", {}, (world, _, id) => found(world, "event", id)),

  ...DISPUTE_ENDPOINTS,
  ...CARD_ENDPOINTS,
  ...CONNECT_ENDPOINTS,
  ...OFF_SESSION_ENDPOINTS,
  ...SUBSCRIPTION_ENDPOINTS,
  ...METER_ENDPOINTS,
];

type ProductData = Read<typeof PRODUCT_DATA>;

function makeProduct(world: World, { name, ...params }: ProductData & { active?: boolean }): Stripe.Product {
  const product = objects.product(make(world, "prod_", 14), { ...params, name: required(name, "name") });
  return world.state.put("product", product);
}

function monthly({ interval }: { interval?: string }): Stripe.Price.Recurring {
  if (interval !== "month") throw invalidRequest("This stand-in bills by the month only.", { param: "recurring" });
  return { interval, interval_count: 1, meter: null, trial_period_days: null, usage_type: "licensed" };
}

function makePrice(
  world: World,
  {
    currency,
    unit_amount,
    product,
    product_data,
    tax_behavior,
    recurring,
    ...params
  }: {
    currency?: string;
    unit_amount?: number;
    product?: string;
    product_data?: ProductData;
    recurring?: { interval?: string };
    nickname?: string;
    metadata?: Record<string, string>;
    tax_behavior?: string;
  },
): Stripe.Price {
  const productId = product
    ? found(world, "product", product).id
    : makeProduct(world, required(product_data, "product_data")).id;
  const price = objects.price(make(world, "price_1"), {
    ...params,
    tax_behavior: (tax_behavior as Stripe.Price.TaxBehavior | undefined) ?? "unspecified",
    currency: readCurrency(required(currency, "currency")),
    product: productId,
    ...(recurring && { recurring: monthly(recurring), type: "recurring" as const }),
    unit_amount: readAmount(required(unit_amount, "unit_amount"), "unit_amount"),
  });
  return world.state.put("price", price);
}

const CHECKOUT_LASTS_SECONDS = 24 * 60 * 60;
const AMOUNT_MIN_CENTS = 50;

function createCheckout(world: World, params: Read<typeof CHECKOUT>): Stripe.Checkout.Session {
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
  if (amount < AMOUNT_MIN_CENTS)
    throw invalidRequest("The Checkout Session's total amount due must add up to at least $0.50 usd", {
      code: "amount_too_small",
    });
  const made = make(world, "cs_test_", 58);
  const session = objects.checkoutSession(made, {
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
  return world.state.put("checkout.session", session);
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

function readAmount(value: number, param: string): number {
  if (value < 1) throw invalidRequest("Invalid positive integer", { code: "parameter_invalid_integer", param });
  return value;
}

function readCurrency(text: string): string {
  if (!/^[a-z]{3}$/.test(text)) throw invalidRequest(`Invalid currency: ${text}`, { param: "currency" });
  return text;
}

function readUrl(text: string, param: string): string {
  if (!URL.canParse(text.replaceAll("{CHECKOUT_SESSION_ID}", "id")))
    throw invalidRequest("Not a valid URL", { code: "url_invalid", param });
  return text;
}
