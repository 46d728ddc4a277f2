// The shapes a price can have, in tokens, and the one reader that checks them. Field names are the wire's (snake_case, as
// in public price tables); numbers are decimal strings. What each shape costs is in price-of.ts; docs/pricing.md explains.

import { decimal, PRICE_DIGITS_MAX, readDecimal } from "./decimal.ts";

/** The same amount whatever the use. */
export interface FlatPrice {
  model: "flat";
  amount: string;
}
export interface PerUnitPrice {
  model: "per_unit";
  unit: string;
}
/** Every started (`round: "down"`: every full) package of `size` units beyond `free` costs `amount`. */
export interface PackagePrice {
  model: "package";
  amount: string;
  size: string;
  free?: string;
  round?: "up" | "down";
}
/** `up_to` is inclusive; the last tier has `up_to: null`. */
export interface UnitTier {
  up_to: string | null;
  unit?: string;
  flat?: string;
}
/** Each tier prices the units inside it; `flat` is added once per tier reached. */
export interface GraduatedPrice {
  model: "graduated";
  tiers: UnitTier[];
}
/** The tier the total falls in prices all units. The bill can fall at a boundary. */
export interface VolumePrice {
  model: "volume";
  tiers: UnitTier[];
}
/** Per event: `rate` per cent of its amount plus `fixed`, then `min` and `max`; free while both free limits hold. */
export interface PercentagePrice {
  model: "percentage";
  rate: string;
  fixed?: string;
  free_events?: number;
  free_amount?: string;
  min?: string;
  max?: string;
}
export interface RateTier {
  up_to: string | null;
  rate?: string;
  flat?: string;
}
export interface GraduatedPercentagePrice {
  model: "graduated_percentage";
  tiers: RateTier[];
}
/** What the provider reports is the amount itself, in tokens. */
export interface DynamicPrice {
  model: "dynamic";
}
/** `base`, then `over` for the units beyond `included`. */
export interface HybridPrice {
  model: "hybrid";
  base?: string;
  included?: string;
  over: Price;
}
/** Any price, held between `min` and `max`. */
export interface BoundedPrice {
  model: "bounded";
  price: Price;
  min?: string;
  max?: string;
}
export type Price =
  | FlatPrice
  | PerUnitPrice
  | PackagePrice
  | GraduatedPrice
  | VolumePrice
  | PercentagePrice
  | GraduatedPercentagePrice
  | DynamicPrice
  | HybridPrice
  | BoundedPrice;
export type PriceModel = Price["model"];

export type FieldKind =
  | "amount"
  | "quantity"
  | "positive"
  | "rate"
  | "count"
  | "rounding"
  | "unit_tiers"
  | "rate_tiers"
  | "price";

/** Which fields each shape has; a `?` marks the ones that may be left out. Reader and OpenAPI schema both use this table. */
export const PRICE_FIELDS = {
  flat: { amount: "amount" },
  per_unit: { unit: "amount" },
  package: { amount: "amount", size: "positive", "free?": "quantity", "round?": "rounding" },
  graduated: { tiers: "unit_tiers" },
  volume: { tiers: "unit_tiers" },
  percentage: {
    rate: "rate",
    "fixed?": "amount",
    "free_events?": "count",
    "free_amount?": "quantity",
    "min?": "amount",
    "max?": "amount",
  },
  graduated_percentage: { tiers: "rate_tiers" },
  dynamic: {},
  hybrid: { "base?": "amount", "included?": "quantity", over: "price" },
  bounded: { price: "price", "min?": "amount", "max?": "amount" },
} as const satisfies Record<PriceModel, Record<string, FieldKind>>;

export const PRICE_MODELS = Object.keys(PRICE_FIELDS) as PriceModel[];

/** No single number in a price is larger: one unit never costs more than a million dollars. */
export const PRICE_NUMBER_MAX = "100000000";
/** Tier bounds and package sizes; more than any session can report. */
export const QUANTITY_MAX = "1000000000000";
/** 10,000 per cent; above it a rate is surely a typing error. */
export const RATE_MAX = "10000";
export const FREE_EVENTS_MAX = 1_000_000;
export const TIERS_MAX = 50;
/** `hybrid` and `bounded` contain a price; deeper than this nobody can explain a bill. */
export const NESTING_MAX = 4;

export interface PriceIssue {
  field: string;
  message: string;
}

/**
 * Reads one price from outside. JSON numbers are taken as their decimal text. Every problem is added to `issues` with the
 * path of its field; the returned price is only to be used when none was added.
 */
export function readPrice(value: unknown, field: string, issues: PriceIssue[], depth = 1): Price {
  const refuse = (at: string, message: string): void => void issues.push({ field: at, message });
  const none: Price = { model: "flat", amount: "0" };
  if (!isRecord(value)) {
    refuse(field, "must be an object with a model");
    return none;
  }
  const model = value.model as PriceModel;
  if (typeof model !== "string" || !Object.hasOwn(PRICE_FIELDS, model)) {
    refuse(`${field}.model`, `must be one of ${PRICE_MODELS.join(", ")}`);
    return none;
  }
  if (depth > NESTING_MAX) {
    refuse(field, `prices may be nested at most ${NESTING_MAX} deep`);
    return none;
  }
  const read: Record<string, unknown> = { model };
  const known = new Set(["model"]);
  for (const [name, kind] of Object.entries(PRICE_FIELDS[model]) as [string, FieldKind][]) {
    const key = name.replace("?", "");
    known.add(key);
    const given = value[key];
    if (given === undefined || (given === null && name.endsWith("?"))) {
      if (key === name) refuse(`${field}.${key}`, "is required");
      continue;
    }
    read[key] = readField(kind, given, `${field}.${key}`, issues, depth);
  }
  for (const key of Object.keys(value)) if (!known.has(key)) refuse(`${field}.${key}`, `is not a field of ${model}`);
  const { min, max } = read;
  if (typeof min === "string" && typeof max === "string" && decimal(min) > decimal(max))
    refuse(`${field}.max`, "must not be below min");
  return read as unknown as Price;
}

function readField(kind: FieldKind, value: unknown, field: string, issues: PriceIssue[], depth: number): unknown {
  const refuse = (message: string): null => (issues.push({ field, message }), null);
  switch (kind) {
    case "amount":
      return readNumber(value, PRICE_NUMBER_MAX) ?? refuse(decimalRule(PRICE_NUMBER_MAX));
    case "quantity":
      return readNumber(value, QUANTITY_MAX) ?? refuse(decimalRule(QUANTITY_MAX));
    case "rate":
      return readNumber(value, RATE_MAX) ?? refuse(`${decimalRule(RATE_MAX)} (per cent)`);
    case "positive": {
      const text = readNumber(value, QUANTITY_MAX);
      return text !== null && decimal(text) > 0n ? text : refuse(`${decimalRule(QUANTITY_MAX)}, above 0`);
    }
    case "count":
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= FREE_EVENTS_MAX
        ? value
        : refuse(`must be a whole number from 0 to ${FREE_EVENTS_MAX}`);
    case "rounding":
      return value === "up" || value === "down" ? value : refuse('must be "up" or "down"');
    case "unit_tiers":
      return readTiers(value, field, "unit", issues);
    case "rate_tiers":
      return readTiers(value, field, "rate", issues);
    case "price":
      return readPrice(value, field, issues, depth + 1);
  }
}

function readTiers(value: unknown, field: string, priced: "unit" | "rate", issues: PriceIssue[]): unknown[] {
  const refuse = (at: string, message: string): void => void issues.push({ field: at, message });
  if (!Array.isArray(value) || value.length === 0 || value.length > TIERS_MAX) {
    refuse(field, `must be a list of 1 to ${TIERS_MAX} tiers`);
    return [];
  }
  let below: string | null = null;
  return value.map((tier: unknown, index) => {
    const at = `${field}.${index}`;
    if (!isRecord(tier)) {
      refuse(at, "must be an object");
      return {};
    }
    const isLast = index === value.length - 1;
    const read: Record<string, unknown> = { up_to: null };
    if (isLast) {
      if (tier.up_to !== null)
        refuse(`${at}.up_to`, "the last tier must have up_to null, so that every use has a price");
    } else {
      const upTo = readNumber(tier.up_to, QUANTITY_MAX);
      if (upTo === null) refuse(`${at}.up_to`, decimalRule(QUANTITY_MAX));
      else if (decimal(upTo) <= (below === null ? 0n : decimal(below)))
        refuse(`${at}.up_to`, "must be above the tier before it");
      else below = read.up_to = upTo;
    }
    for (const [key, max] of [
      [priced, priced === "rate" ? RATE_MAX : PRICE_NUMBER_MAX],
      ["flat", PRICE_NUMBER_MAX],
    ] as const) {
      if (tier[key] === undefined || tier[key] === null) continue;
      const text = readNumber(tier[key], max);
      if (text === null) refuse(`${at}.${key}`, decimalRule(max));
      else read[key] = text;
    }
    for (const key of Object.keys(tier))
      if (key !== "up_to" && key !== priced && key !== "flat") refuse(`${at}.${key}`, "is not a field of a tier");
    return read;
  });
}

/** The decimal text of a price number, or null. */
export function readNumber(value: unknown, max: string): string | null {
  const read = readDecimal(value, PRICE_DIGITS_MAX);
  return read === null || read > decimal(max) ? null : String(value);
}

const decimalRule = (max: string): string =>
  `must be a decimal such as "0.05", from 0 to ${max}, with at most ${PRICE_DIGITS_MAX} decimals`;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
