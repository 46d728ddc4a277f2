// The shapes of buying: money, an order with its invoice, an offer, a saved card.

import { z } from "@hono/zod-openapi";

export const MoneySchema = z
  .object({
    amount: z.number().int().openapi({ description: "Minor units: cents." }),
    currency: z.string().openapi({ example: "usd" }),
  })
  .openapi("Money");

const InvoiceSchema = z
  .object({
    number: z.string().openapi({ example: "MP-000042" }),
    issuedAt: z.string(),
    seller: z.object({ name: z.string(), address: z.array(z.string()), taxId: z.string().nullable() }),
    buyer: z.object({ email: z.string().nullable(), country: z.string().nullable() }),
    lines: z.array(
      z.object({
        kind: z.enum(["tokens", "discount", "bonus"]),
        tokens: z.number().int(),
        amount: z.number().int().openapi({ description: "In cents; negative for a discount." }),
      }),
    ),
    net: z.number().int().openapi({ description: "Before tax: the sum of the lines." }),
    tax: z.number().int(),
    total: z.number().int(),
    currency: z.string(),
  })
  .openapi("Invoice");

export const OrderSchema = z
  .object({
    orderId: z.string(),
    status: z.enum(["open", "paid", "refunded", "expired", "failed"]),
    processing: z.boolean().openapi({
      description: "Open, and the buyer has done their part: a bank debit or the like, whose money comes days later.",
    }),
    tokenAmount: z.number().int(),
    listPrice: MoneySchema.openapi({ description: "Before any discount." }),
    price: MoneySchema.openapi({ description: "What is charged, before tax." }),
    tax: MoneySchema.openapi({ description: "Known when it is paid." }),
    bonusTokens: z.number().int().openapi({ description: "Promotional tokens that come with it." }),
    promotionCode: z.string().nullable(),
    refunded: MoneySchema,
    checkoutUrl: z.string().nullable().openapi({ description: "Where to pay, while it is open." }),
    createdAt: z.string(),
    paidAt: z.string().nullable(),
    balance: z.number().int().openapi({ description: "The wallet's spendable tokens now." }),
    invoice: InvoiceSchema.nullable().openapi({ description: "Null until it is paid." }),
  })
  .openapi("Order");

const OfferSchema = z
  .object({
    tokenAmount: z.number().int(),
    listPrice: MoneySchema,
    price: MoneySchema.openapi({ description: "What is charged, before tax." }),
    discountBasisPoints: z.number().int(),
    discountOf: z.enum(["bundle", "code"]).nullable(),
    bonusTokens: z.number().int(),
    bonusDays: z.number().int().nullable().openapi({ description: "Until the bonus expires, from the payment on." }),
  })
  .openapi("Offer");
export const OffersSchema = z
  .object({
    bundles: z.array(OfferSchema),
    offer: OfferSchema.nullable().openapi({ description: "What was asked for." }),
    minTokens: z.number().int(),
    maxTokens: z.number().int(),
    taxIsAdded: z.boolean().openapi({ description: "Whether the checkout page adds tax." }),
  })
  .openapi("Offers");

export const CardsSchema = z
  .object({
    cards: z.array(
      z.object({
        id: z.string(),
        brand: z.string(),
        last4: z.string(),
        expMonth: z.number().int(),
        expYear: z.number().int(),
      }),
    ),
  })
  .openapi("SavedCards");

export const OrderParam = z.object({
  id: z
    .string()
    .max(200)
    .openapi({
      param: { name: "id", in: "path" },
      description: "Our order id, or the checkout session id that Stripe puts into the success address.",
    }),
});
