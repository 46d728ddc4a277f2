// The price editor's own rules: which components the form describes, and what stands in the way. The reader of the API has
// the last word and is the same (domain/pricing/parse-pricing.ts).

import type { PriceComponent } from "$pricing/components.ts";
import { readPricing } from "../../../domain/pricing/parse-pricing.ts";

export interface PriceForm {
  by: "time" | "unit" | "both" | "json";
  ratePerHour: number | null;
  unit: string;
  unitPrice: string;
  unitsAnHour: number | null;
  json: string;
}

/** What a price is edited from: simple where its shape is, else its components as they are. */
export function formOf(pricing: readonly PriceComponent[]): PriceForm {
  const [first, second] = pricing;
  const isHour =
    first?.meter === "hour" && first.price.model === "per_unit" && Number.isInteger(Number(first.price.unit));
  const empty = { ratePerHour: 300, unit: "", unitPrice: "", unitsAnHour: null };
  const json = JSON.stringify(pricing, null, 2);
  if (isHour && !second && first.price.model === "per_unit")
    return { ...empty, by: "time", ratePerHour: Number(first.price.unit), json };
  return { ...empty, by: "json", json };
}

/** The components, or what is wrong with them. */
export function readForm(form: PriceForm, notJson: string): { pricing: PriceComponent[]; problem: string | null } {
  let value: unknown;
  if (form.by === "json") {
    try {
      value = JSON.parse(form.json);
    } catch {
      return { pricing: [], problem: notJson };
    }
  } else {
    value = [
      ...(form.by === "unit"
        ? []
        : [{ meter: "hour", price: { model: "per_unit", unit: String(form.ratePerHour ?? "") } }]),
      ...(form.by === "time"
        ? []
        : [
            {
              meter: form.unit.trim(),
              price: { model: "per_unit", unit: form.unitPrice.trim() },
              holdPerHour: form.unitsAnHour ?? undefined,
            },
          ]),
    ];
  }
  const { components, malformed, unsupported } = readPricing(value);
  const issue = malformed[0] ?? unsupported[0];
  return issue ? { pricing: [], problem: `${issue.field}: ${issue.message}` } : { pricing: components, problem: null };
}
