// The price editor's own rules: which components the form describes, and what stands in the way. The reader of the API has
// the last word and is the same (domain/pricing/parse-pricing.ts).

import { isTimeMeter, type PriceComponent } from "../../../domain/pricing/components.ts";
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
  const time = isHour && first.price.model === "per_unit" ? { ratePerHour: Number(first.price.unit) } : null;
  if (time && !second) return { ...empty, ...time, by: "time", json };
  const units = unitsOf(time ? pricing.slice(1) : pricing);
  if (units) return { ...empty, ...time, ...units, by: time ? "both" : "unit", json };
  return { ...empty, by: "json", json };
}

/** One meter at one price a unit, and nothing else to say about it. */
function unitsOf(pricing: readonly PriceComponent[]): Pick<PriceForm, "unit" | "unitPrice" | "unitsAnHour"> | null {
  const [only, more] = pricing;
  if (!only || more || only.price.model !== "per_unit" || isTimeMeter(only.meter)) return null;
  const form = { unit: only.meter, unitPrice: only.price.unit, unitsAnHour: only.holdPerHour ?? null };
  const isAll = Object.keys(only).every((key) => key in written(form)) && Object.keys(only.price).length === 2;
  return isAll ? form : null;
}

const written = ({ unit, unitPrice, unitsAnHour }: Pick<PriceForm, "unit" | "unitPrice" | "unitsAnHour">) => ({
  meter: unit.trim(),
  price: { model: "per_unit", unit: unitPrice.trim() },
  holdPerHour: unitsAnHour ?? undefined,
});

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
      ...(form.by === "time" ? [] : [written(form)]),
    ];
  }
  const { components, malformed, unsupported } = readPricing(value);
  const issue = malformed[0] ?? unsupported[0];
  return issue ? { pricing: [], problem: `${issue.field}: ${issue.message}` } : { pricing: components, problem: null };
}
