// The endpoints this stand-in answers, each with the parameters it understands. Anything else is Stripe's 404.

import type Stripe from "stripe";
import { CLOCK_ENDPOINTS } from "./clocks.ts";
import { COUPON_ENDPOINTS } from "./coupons.ts";
import { DISPUTE_ENDPOINTS } from "./disputes.ts";
import { OFF_SESSION_ENDPOINTS } from "./off-session.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { expireSession, findSession } from "./checkout.ts";
import { CONNECT_ENDPOINTS } from "./connect-endpoints.ts";
import { invalidRequest, missing } from "./errors.ts";
import { found } from "./find.ts";
import { LIST_PARAMS, listOf, page } from "./lists.ts";
import { METER_ENDPOINTS } from "./meters.ts";
import { CHECKOUT, createCheckout } from "./new-checkout.ts";
import * as objects from "./objects.ts";
import { makePrice, makeProduct, PRODUCT_DATA } from "./prices.ts";
import { CARD_ENDPOINTS } from "./saved-cards.ts";
import { createRefund, findRefund } from "./refunds.ts";
import { SUBSCRIPTION_ENDPOINTS } from "./subscriptions.ts";
import { atTime, emit, make } from "./world.ts";

const CUSTOMER = { email: "string", name: "string", description: "string", phone: "string", metadata: "map" } as const;
export const ENDPOINTS: readonly Endpoint[] = [
  endpoint("POST", "/v1/customers", { ...CUSTOMER, test_clock: "string" }, (outside, params) => {
    const clock = params.test_clock ? outside.state.find("test_helpers.test_clock", params.test_clock) : null;
    if (clock === undefined) throw missing("test clock", params.test_clock!, "test_clock");
    const world = clock ? atTime(outside, clock.frozen_time) : outside;
    const made = world.state.put("customer", objects.customer(make(world, "cus_", 14), params));
    emit(world, "customer.created", made);
    return made;
  }),
  endpoint(
    "GET",
    "/v1/customers",
    { ...LIST_PARAMS, email: "string", test_clock: "string" },
    (world, { email, test_clock: clock, ...params }) =>
      listOf(
        world,
        "customer",
        "/v1/customers",
        params,
        // Those on clocks are listed only when their clock is asked for.
        (one) => one.test_clock === (clock ?? null) && (!email || one.email === email),
      ),
  ),
  endpoint("GET", "/v1/customers/:id", {}, (world, _, id) =>
    world.state.find("note.deleted", id)
      ? ({ id, object: "customer", deleted: true } satisfies Stripe.DeletedCustomer)
      : found(world, "customer", id),
  ),
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
  ...COUPON_ENDPOINTS,
  ...CLOCK_ENDPOINTS,
];
