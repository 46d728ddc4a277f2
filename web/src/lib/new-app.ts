// The rules of the forms that describe and price an app: what is missing or cannot be, by field, and what it comes to.

import type { PriceComponent } from "$pricing/components.ts";
import type { Listing } from "./client/provider-home.ts";
import type { AppMessages } from "./locales/en-app.ts";

/** As the API reads meter names: domain/pricing/parse-pricing.ts. */
const METER_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const USE_CASES_MAX = 10;

/** An app's page as it is typed: lists as lines. */
export interface ListingForm {
  name: string;
  description: string;
  category: string;
  useCases: string;
  tags: string;
  appUrl: string;
  logoUrl: string;
  dataReceived: string;
  refundTerms: string;
  /** The app cannot embed the meter: people agree to pay for the whole duration. */
  fixedDuration: boolean;
}
export interface PriceForm {
  priceBy: "time" | "unit" | "both";
  ratePerHour: number | null;
  unit: string;
  unitPrice: string;
  unitsAnHour: number | null;
}
export type ListingProblems = Partial<Record<keyof ListingForm, string>>;
export type PriceProblems = Partial<Record<keyof PriceForm, string>>;

export const emptyListing = (): ListingForm => ({
  name: "",
  description: "",
  category: "writing",
  useCases: "",
  tags: "",
  appUrl: "",
  logoUrl: "",
  dataReceived: "",
  refundTerms: "",
  fixedDuration: false,
});
export const emptyPrice = (): PriceForm => ({
  priceBy: "time",
  ratePerHour: 300,
  unit: "",
  unitPrice: "",
  unitsAnHour: null,
});

const partsOf = (text: string, separator: string): string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);

export const listingForm = (app: Listing): ListingForm => ({
  ...app,
  useCases: app.useCases.join("\n"),
  tags: app.tags.join(", "),
  dataReceived: app.dataReceived.join("\n"),
  refundTerms: app.refundTerms ?? "",
});

/** As the API takes it. */
export const listingOf = (form: ListingForm): Listing => ({
  name: form.name.trim(),
  description: form.description.trim(),
  category: form.category,
  useCases: partsOf(form.useCases, "\n"),
  tags: partsOf(form.tags, ","),
  appUrl: form.appUrl.trim(),
  logoUrl: form.logoUrl.trim(),
  dataReceived: partsOf(form.dataReceived, "\n"),
  refundTerms: form.refundTerms.trim() || null,
  fixedDuration: form.fixedDuration,
});

/** What stands in the way, by field; empty when it can be sent. */
export function listingProblems(form: ListingForm, t: AppMessages): ListingProblems {
  const problems: ListingProblems = {};
  for (const field of ["name", "description", "category"] as const)
    if (!form[field].trim()) problems[field] = t.provider.required;
  const cases = partsOf(form.useCases, "\n").length;
  if (cases < 1 || cases > USE_CASES_MAX) problems.useCases = t.provider.useCasesCount;
  for (const field of ["appUrl", "logoUrl"] as const)
    if (!/^https?:\/\/./.test(form[field].trim())) problems[field] = t.provider.invalidUrl;
  return problems;
}

export function priceProblems(form: PriceForm, t: AppMessages): PriceProblems {
  const problems: PriceProblems = {};
  if (form.priceBy !== "unit" && !isWhole(form.ratePerHour)) problems.ratePerHour = t.provider.invalidRate;
  if (form.priceBy !== "time") {
    if (!METER_NAME.test(form.unit.trim())) problems.unit = t.provider.invalidUnit;
    if (!/^\d+(\.\d{1,6})?$/.test(form.unitPrice) || Number(form.unitPrice) <= 0)
      problems.unitPrice = t.provider.invalidDecimal;
    if (!isWhole(form.unitsAnHour)) problems.unitsAnHour = t.provider.invalidRate;
  }
  return problems;
}

/** The price as far as it is filled in. */
export function pricingOf(form: PriceForm): PriceComponent[] {
  const pricing: PriceComponent[] = [];
  if (form.priceBy !== "unit" && isWhole(form.ratePerHour))
    pricing.push({ meter: "hour", price: { model: "per_unit", unit: String(form.ratePerHour) } });
  if (form.priceBy !== "time" && isWhole(form.unitsAnHour) && /^\d+(\.\d{1,6})?$/.test(form.unitPrice))
    pricing.push({
      meter: form.unit.trim() || "unit",
      price: { model: "per_unit", unit: form.unitPrice },
      holdPerHour: form.unitsAnHour,
    });
  return pricing;
}

const isWhole = (value: number | null): value is number => value !== null && Number.isInteger(value) && value >= 1;
