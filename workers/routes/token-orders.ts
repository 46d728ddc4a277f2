// Before and after paying: what tokens cost, what became of a purchase, and its invoice.

import { createRoute, z } from "@hono/zod-openapi";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { invoiceOf } from "../../domain/payments/invoice.ts";
import { readOffers } from "../../domain/payments/offer.ts";
import { reconcile } from "../../domain/payments/reconcile.ts";
import { emailOf, findOrder, ordersOf, type Order } from "../../domain/payments/store.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { logNotices } from "../notices.ts";
import { OffersSchema, OrderParam, OrderSchema } from "./token-schemas.ts";

const OfferQuery = z.object({
  tokenAmount: z.coerce.number().optional().openapi({ type: "integer", example: 5000 }),
  promotionCode: z.string().max(40).optional(),
});
const OrdersQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
});
export const tokenOrderRoutes = newRouter();
tokenOrderRoutes.use("/v1/tokens/offers", requireUser);
tokenOrderRoutes.use("/v1/tokens/orders/*", requireUser);

tokenOrderRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/offers",
    operationId: "getTokenOffers",
    tags: ["Tokens"],
    summary: "What tokens cost",
    description:
      "The bundles, and with `tokenAmount` exactly what a purchase of it costs, with a promotion code if you have one. The purchase asks the same.",
    security: [{ accessToken: [] }],
    request: { query: OfferQuery },
    responses: { 200: json(OffersSchema, "The offers."), ...problems(400, 401, 422, 429) },
  }),
  async (c) => {
    const { tokenAmount = null, promotionCode } = c.req.valid("query");
    const asked = { tokenAmount, promotionCode: promotionCode?.trim() || null };
    return c.json(await readOffers(c.env.DB, asked, c.get("now")), 200);
  },
);

tokenOrderRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/orders",
    operationId: "listOrders",
    tags: ["Tokens"],
    summary: "Your purchases",
    description:
      "Newest first, each with its invoice once it is paid. Checkout pages left without paying are not shown.",
    security: [{ accessToken: [] }],
    request: { query: OrdersQuery },
    responses: {
      200: json(z.object({ orders: z.array(OrderSchema), nextCursor: z.string().nullable() }), "One page."),
      ...problems(400, 401, 429),
    },
  }),
  async (c) => {
    const { limit, cursor = null } = c.req.valid("query");
    if (cursor !== null && !isId(cursor))
      throw new DomainError("invalid_cursor", "This cursor was not made by this list. Start again without one.");
    const { userId } = c.get("user");
    const [orders, email] = await Promise.all([
      ordersOf(c.env.DB, userId, { limit: limit + 1, before: cursor }),
      emailOf(c.env.DB, userId),
    ]);
    const page = orders.slice(0, limit);
    const nextCursor = orders.length > limit ? page.at(-1)!.id : null;
    return c.json({ orders: page.map((order) => orderView(order, email)), nextCursor }, 200);
  },
);

tokenOrderRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/orders/{id}",
    operationId: "getOrder",
    tags: ["Tokens"],
    summary: "What became of a purchase",
    description:
      "An order that is not paid yet is looked up at Stripe first, so the page the buyer comes back to need not wait for Stripe's event.",
    security: [{ accessToken: [] }],
    request: { params: OrderParam },
    responses: { 200: json(OrderSchema, "The order."), ...problems(401, 404, 429, 502) },
  }),
  async (c) => {
    const { userId } = c.get("user");
    const [known, email] = await Promise.all([findOrder(c.env.DB, c.req.valid("param").id), emailOf(c.env.DB, userId)]);
    if (known?.userId !== userId) throw new DomainError("order_not_found", "There is no such order in your account.");
    if (known.paidAt !== null || known.checkoutId === null) return c.json(orderView(known, email), 200);
    const { order, notices } = await reconcile(c.env, known, c.get("now"));
    logNotices(notices);
    if (order.paidAt !== null) hintWebhooks(c.env, c.executionCtx);
    return c.json(orderView(order, email), 200);
  },
);

function orderView(order: Order, email: string | null) {
  const money = (amount: number) => ({ amount, currency: order.currency });
  return {
    orderId: order.id,
    status: order.status,
    processing: order.processingSince !== null,
    tokenAmount: order.tokens,
    listPrice: money(order.listCents ?? order.amountCents),
    price: money(order.amountCents),
    tax: money(order.taxCents),
    bonusTokens: order.bonusTokens,
    promotionCode: order.promotionCode,
    refunded: money(order.refundedCents),
    checkoutUrl: order.status === "open" ? order.checkoutUrl : null,
    createdAt: iso(order.createdAt),
    paidAt: isoOrNull(order.paidAt),
    balance: order.balance,
    invoice: invoiceOf(order, email),
  };
}
