// Products and prices, made for themselves or in passing by a page (`price_data`).

import type Stripe from "stripe";
import { invalidRequest } from "./errors.ts";
import { found } from "./find.ts";
import * as objects from "./objects.ts";
import { required, type Read } from "./params.ts";
import { make, type World } from "./world.ts";

export const PRODUCT_DATA = { name: "string", description: "string", metadata: "map", tax_code: "string" } as const;
type ProductData = Read<typeof PRODUCT_DATA>;

export function makeProduct(world: World, { name, ...params }: ProductData & { active?: boolean }): Stripe.Product {
  const product = objects.product(make(world, "prod_", 14), { ...params, name: required(name, "name") });
  return world.state.put("product", product);
}

function monthly({ interval }: { interval?: string }): Stripe.Price.Recurring {
  if (interval !== "month") throw invalidRequest("This stand-in bills by the month only.", { param: "recurring" });
  return { interval, interval_count: 1, meter: null, trial_period_days: null, usage_type: "licensed" };
}

export function makePrice(
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

export function readAmount(value: number, param: string): number {
  if (value < 1) throw invalidRequest("Invalid positive integer", { code: "parameter_invalid_integer", param });
  return value;
}

function readCurrency(text: string): string {
  if (!/^[a-z]{3}$/.test(text)) throw invalidRequest(`Invalid currency: ${text}`, { param: "currency" });
  return text;
}
