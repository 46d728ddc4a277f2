// How prices stand in the OpenAPI document. The shapes come from the same table that reads them (domain/pricing/price.ts),
// so the document cannot promise a field the reader refuses.

import { z } from "@hono/zod-openapi";
import {
  COMPONENTS_MAX,
  HOLD_PER_HOUR_MAX,
  METER_LENGTH_MAX,
  TOKEN_RATE_PER_HOUR_MAX,
} from "../../domain/pricing/parse-pricing.ts";
import type { PriceComponent } from "../../domain/pricing/components.ts";
import { EVENTS_PER_HOUR_DEFAULT } from "../../domain/pricing/hold.ts";
import { PRICE_FIELDS, PRICE_MODELS, TIERS_MAX, type FieldKind } from "../../domain/pricing/price.ts";
import type { newRouter } from "../http.ts";

type JsonSchema = Record<string, unknown>;

const decimalText = (description: string): JsonSchema => ({
  type: "string",
  pattern: "^\\d{1,15}(\\.\\d{1,10})?$",
  description,
});
const tiers = (priced: "unit" | "rate"): JsonSchema => ({
  type: "array",
  minItems: 1,
  maxItems: TIERS_MAX,
  items: {
    type: "object",
    required: ["up_to"],
    properties: {
      up_to: { type: ["string", "null"], description: "Upper bound, inclusive; null in the last tier." },
      [priced]: decimalText(priced === "unit" ? "Tokens per unit." : "Per cent of the units."),
      flat: decimalText("Tokens once, when the tier is reached."),
    },
  },
});

const FIELD_SCHEMAS: Record<FieldKind, JsonSchema> = {
  amount: decimalText("Tokens, as decimal text."),
  quantity: decimalText("Units, as decimal text."),
  positive: decimalText("Units above 0, as decimal text."),
  rate: decimalText("Per cent, as decimal text."),
  count: { type: "integer", minimum: 0 },
  rounding: { type: "string", enum: ["up", "down"], default: "up" },
  unit_tiers: tiers("unit"),
  rate_tiers: tiers("rate"),
  price: { $ref: "#/components/schemas/Price" },
};

const shapeOf = (model: keyof typeof PRICE_FIELDS): JsonSchema => {
  const fields = Object.entries(PRICE_FIELDS[model]) as [string, FieldKind][];
  return {
    type: "object",
    title: model,
    additionalProperties: false,
    required: ["model", ...fields.map(([name]) => name).filter((name) => !name.endsWith("?"))],
    properties: {
      model: { type: "string", const: model },
      ...Object.fromEntries(fields.map(([name, kind]) => [name.replace("?", ""), FIELD_SCHEMAS[kind]])),
    },
  };
};

const COMPONENT_SCHEMA: JsonSchema = {
  type: "object",
  required: ["meter", "price"],
  properties: {
    meter: {
      type: "string",
      maxLength: METER_LENGTH_MAX,
      description: "`hour`, `minute` or `second` of active time, `token`, or any name you report units of.",
    },
    price: { $ref: "#/components/schemas/Price" },
    cap: {
      ...decimalText("In a session made with a signed quote: the most units in the whole session."),
      readOnly: true,
    },
    holdPerHour: {
      type: "number",
      exclusiveMinimum: 0,
      maximum: HOLD_PER_HOUR_MAX,
      description: "Reported meters: units to hold tokens for, per hour of the duration asked. Required there.",
    },
    holdEventsPerHour: {
      type: "number",
      exclusiveMinimum: 0,
      maximum: HOLD_PER_HOUR_MAX,
      default: EVENTS_PER_HOUR_DEFAULT,
      description: "Where each report costs something of its own: reports to hold for, per hour.",
    },
  },
};

/** `Price` contains itself (hybrid, bounded), so it stands in the document by name. */
export const describePrices = (router: ReturnType<typeof newRouter>): void => {
  router.openAPIRegistry.registerComponent("schemas", "Price", {
    description: "One price, in tokens. docs/pricing.md has the formulas with a worked example each.",
    oneOf: PRICE_MODELS.map(shapeOf),
  });
  router.openAPIRegistry.registerComponent("schemas", "PriceComponent", COMPONENT_SCHEMA);
};

const PRICING = {
  type: "array" as const,
  minItems: 1,
  maxItems: COMPONENTS_MAX,
  items: { $ref: "#/components/schemas/PriceComponent" },
  example: [
    { meter: "hour", price: { model: "per_unit", unit: "300" } },
    { meter: "scene", price: { model: "per_unit", unit: "2.5" }, holdPerHour: 20 },
  ],
};

/** Read by `parsePricing`, whose refusals name every field; the schema here only documents. */
export const PricingInput = z.unknown().openapi({ ...PRICING, description: "What the app costs." });
export const PricingOutput = z.custom<PriceComponent[]>().openapi(PRICING);

/** How a body gives a price: one of the two. */
export const priceFields = {
  tokenRatePerHour: z
    .number()
    .int()
    .min(0)
    .max(TOKEN_RATE_PER_HOUR_MAX)
    .nullish()
    .openapi({ description: "Short for one hour component, e.g. 500. Either this or `pricing`." }),
  pricing: PricingInput.optional(),
};
