// Reads an app's pricing from outside, once, at registration: its form (400) and whether a highest amount exists that can
// be held for it (422). Everything behind it trusts the result.

import { DURATION_MAX_SECONDS } from "../../sdk/src/protocol/session.ts";
import { DomainError } from "../errors.ts";
import { isTimeMeter, TOKEN_METER, type PriceComponent } from "./components.ts";
import { decimal, readDecimal, UNIT_DIGITS_MAX } from "./decimal.ts";
import { holdFor } from "./hold.ts";
import { readPrice, type Price, type PriceIssue, type PriceModel } from "./price.ts";

export const COMPONENTS_MAX = 24;
export const METER_LENGTH_MAX = 64;
/** Keeps twelve hours of it in millionths far inside a safe integer. */
export const HOLD_PER_HOUR_MAX = 100_000_000;
/** More than anyone can buy in a day; a price that needs more is surely a typing error. */
export const TOKEN_RATE_PER_HOUR_MAX = 10_000_000;

const METER_NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;

/**
 * Checks a pricing from outside.
 * @throws DomainError `invalid_request` (400, `errors[]`) when its form is wrong, `pricing_unsupported` (422) when it is
 *   well formed but has no highest amount that could be held.
 */
export function parsePricing(value: unknown, field = "pricing"): PriceComponent[] {
  const { components, malformed, unsupported } = readPricing(value, field);
  if (malformed.length > 0)
    throw new DomainError("invalid_request", `${malformed[0]!.field}: ${malformed[0]!.message}`, { errors: malformed });
  if (unsupported.length > 0)
    throw new DomainError("pricing_unsupported", `${unsupported[0]!.field}: ${unsupported[0]!.message}`, {
      errors: unsupported,
    });
  holdFor(components, DURATION_MAX_SECONDS);
  return components;
}

/** As `parsePricing`, but gives the problems back: for a form that shows them beside their fields. */
export function readPricing(value: unknown, field = "pricing") {
  const malformed: PriceIssue[] = [];
  const unsupported: PriceIssue[] = [];
  if (!Array.isArray(value) || value.length === 0 || value.length > COMPONENTS_MAX) {
    malformed.push({ field, message: `must be a list of 1 to ${COMPONENTS_MAX} components` });
    return { components: [], malformed, unsupported };
  }
  const components = value.map((one: unknown, index) =>
    readComponent(one, `${field}.${index}`, malformed, unsupported),
  );
  const seen = new Set<string>();
  for (const [index, { meter }] of components.entries()) {
    if (seen.has(meter)) malformed.push({ field: `${field}.${index}.meter`, message: "is priced twice" });
    seen.add(meter);
  }
  return { components, malformed, unsupported };
}

function readComponent(
  value: unknown,
  field: string,
  malformed: PriceIssue[],
  unsupported: PriceIssue[],
): PriceComponent {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    malformed.push({ field, message: "must be an object with meter and price" });
    return { meter: field, price: { model: "flat", amount: "0" } };
  }
  const given = value as Record<string, unknown>;
  for (const key of Object.keys(given))
    if (!["meter", "price", "holdPerHour", "holdEventsPerHour"].includes(key))
      malformed.push({ field: `${field}.${key}`, message: "is not a field of a component" });
  const isNamed =
    typeof given.meter === "string" && given.meter.length <= METER_LENGTH_MAX && METER_NAME.test(given.meter);
  if (!isNamed)
    malformed.push({
      field: `${field}.meter`,
      message: `must start with a letter and have at most ${METER_LENGTH_MAX} letters, digits, "_", "-" or "."`,
    });
  const meter = isNamed ? (given.meter as string) : field;
  const before = malformed.length;
  const price = readPrice(given.price, `${field}.price`, malformed);
  const component: PriceComponent = { meter, price };
  if (!isTimeMeter(meter)) {
    for (const key of ["holdPerHour", "holdEventsPerHour"] as const) {
      if (given[key] === undefined || given[key] === null) continue;
      const read = readDecimal(given[key], UNIT_DIGITS_MAX);
      if (read === null || read === 0n || read > decimal(String(HOLD_PER_HOUR_MAX)))
        malformed.push({
          field: `${field}.${key}`,
          message: `must be above 0 and at most ${HOLD_PER_HOUR_MAX}, with at most ${UNIT_DIGITS_MAX} decimals`,
        });
      else component[key] = Number(given[key]);
    }
    if (given.holdPerHour === undefined || given.holdPerHour === null)
      unsupported.push({
        field: `${field}.holdPerHour`,
        message: `the provider reports "${meter}", so say how many units of it to hold tokens for in an hour`,
      });
  }
  if (malformed.length === before) {
    const reason = unsupportedShape(meter, price);
    if (reason) unsupported.push({ field: `${field}.price`, message: reason });
  }
  return component;
}

function unsupportedShape(meter: string, price: Price): string | null {
  const inner = innermost(price);
  if (isTimeMeter(meter) && (inner === "percentage" || inner === "dynamic"))
    return `a ${inner} price needs amounts that the provider reports; time has none`;
  if (meter === TOKEN_METER && inner !== "dynamic")
    return 'the meter "token" takes amounts of marketplace tokens and needs the model dynamic; name other units otherwise';
  if (isHybridOverPercentage(price)) return "a hybrid price cannot continue with a percentage of single events";
  return null;
}

function innermost(price: Price): PriceModel {
  if (price.model === "hybrid") return innermost(price.over);
  return price.model === "bounded" ? innermost(price.price) : price.model;
}

function isHybridOverPercentage(price: Price): boolean {
  if (price.model === "hybrid") return innermost(price.over) === "percentage";
  return price.model === "bounded" && isHybridOverPercentage(price.price);
}
