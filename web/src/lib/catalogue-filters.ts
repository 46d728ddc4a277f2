// What the catalogue is narrowed by, as it stands in the address: a search can be shared, and the back button works.

import type { PriceModel } from "$pricing/price.ts";

export interface CatalogueFilters {
  query: string;
  category: string | null;
  /** Tokens the first hour may cost at most. */
  maxTokensPerHour: number | null;
  pricingModel: PriceModel | null;
  availableOnly: boolean;
}

const QUERY_LENGTH_MAX = 200;
/** Named here, so that a first visit loads no arithmetic. */
const MODELS = [
  "flat",
  "per_unit",
  "package",
  "graduated",
  "volume",
  "percentage",
  "graduated_percentage",
  "dynamic",
  "hybrid",
  "bounded",
] as const satisfies readonly PriceModel[];

/** Reads an address; what makes no sense is left out. */
export function filtersOf(parameters: URLSearchParams): CatalogueFilters {
  const max = Number(parameters.get("max") ?? Number.NaN);
  const model = parameters.get("model");
  return {
    query: (parameters.get("q") ?? "").trim().slice(0, QUERY_LENGTH_MAX),
    category: parameters.get("category"),
    maxTokensPerHour: Number.isInteger(max) && max >= 0 ? max : null,
    pricingModel: MODELS.find((known) => known === model) ?? null,
    availableOnly: parameters.get("open") === "1",
  };
}

/** The address of the catalogue, narrowed like this. */
export function addressOf(filters: CatalogueFilters): string {
  const parameters = new URLSearchParams();
  if (filters.query) parameters.set("q", filters.query);
  if (filters.category) parameters.set("category", filters.category);
  if (filters.maxTokensPerHour !== null) parameters.set("max", String(filters.maxTokensPerHour));
  if (filters.pricingModel) parameters.set("model", filters.pricingModel);
  if (filters.availableOnly) parameters.set("open", "1");
  return parameters.size > 0 ? `/apps?${parameters}` : "/apps";
}

export const isNarrowed = (filters: CatalogueFilters): boolean => addressOf(filters) !== "/apps";
