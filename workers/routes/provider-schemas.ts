// Wire shapes of an app, shared by the catalogue's and the owner's routes.

import { z } from "@hono/zod-openapi";
import { CATEGORIES } from "../../domain/catalogue/categories.ts";
import { PricingOutput } from "./pricing-schemas.ts";

export const APP_STATUSES = ["active", "inactive", "maintenance"] as const;
const APP_REVIEWS = ["pending", "approved", "rejected"] as const;

export const ProviderIdParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "App id (UUIDv7)." }),
});

const cardFields = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string().openapi({ enum: [...CATEGORIES] }),
  tags: z.array(z.string()),
  appUrl: z.string(),
  logoUrl: z.string(),
  tokenRatePerHour: z
    .number()
    .int()
    .nullable()
    .openapi({ description: "Tokens for the first hour of active time; null where time is not priced." }),
  pricing: PricingOutput,
  rating: z.number().nullable().openapi({ description: "Mean of 1 to 5; null without reviews." }),
  ratingCount: z.number().int(),
  status: z.enum(APP_STATUSES).openapi({ description: "As its owner set it." }),
  available: z.boolean().openapi({ description: "Can be started now: `active`, and it answers our checks." }),
};

export const CardSchema = z.object(cardFields).openapi("ProviderCard");

const detailFields = {
  ...cardFields,
  useCases: z.array(z.string()),
  dataReceived: z.array(z.string()).openapi({ description: "What the app learns about a person." }),
  refundTerms: z.string().nullable(),
  regions: z.array(z.string()).openapi({ description: "Where it is offered; empty means everywhere." }),
  fixedDuration: z.boolean().openapi({
    description: "It cannot embed the meter: a start needs consent to pay for the whole duration.",
  }),
  feeBasisPoints: z.number().int().openapi({ description: "The platform's part of what is charged, in 1/10,000." }),
  priceVersionId: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  unreachableSince: z
    .string()
    .nullable()
    .openapi({ description: "Since when it has not answered our checks; null while it does." }),
};
export const DetailSchema = z.object(detailFields).openapi("Provider");

export const OwnedDetailSchema = z
  .object({
    ...detailFields,
    review: z.enum(APP_REVIEWS).openapi({ description: "In the catalogue once approved." }),
    ownerUserId: z.string(),
  })
  .openapi("OwnedProvider");
