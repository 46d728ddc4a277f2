// The registration form's own rules: what is missing or cannot be, by field, and the price it describes.

import type { PriceComponent } from "$pricing/components.ts";
import type { AppMessages } from "./locales/en-app.ts";

/** As the API reads meter names: domain/pricing/parse-pricing.ts. */
const METER_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

export interface NewAppForm {
  name: string;
  description: string;
  category: string;
  useCases: string;
  appUrl: string;
  logoUrl: string;
  priceBy: "time" | "unit" | "both";
  ratePerHour: number | null;
  unit: string;
  unitPrice: string;
  unitsAnHour: number | null;
}
export type NewAppField = keyof NewAppForm;

export const useCasesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** What stands in the way, by field; empty when it can be sent. */
export function problemsOf(form: NewAppForm, t: AppMessages): Partial<Record<NewAppField, string>> {
  const problems: Partial<Record<NewAppField, string>> = {};
  for (const field of ["name", "description", "category"] as const)
    if (!form[field].trim()) problems[field] = t.provider.required;
  const cases = useCasesOf(form.useCases).length;
  if (cases < 1 || cases > 10) problems.useCases = t.provider.useCasesCount;
  for (const field of ["appUrl", "logoUrl"] as const)
    if (!/^https?:\/\/./.test(form[field].trim())) problems[field] = t.provider.invalidUrl;
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
export function pricingOf(form: NewAppForm): PriceComponent[] {
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
