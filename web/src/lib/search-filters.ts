// The filters of a search as the address carries them: shared, remembered by the back button, readable in a link.

export interface SearchFilters {
  category?: string;
  pricingModel?: string;
  maxTokensPerHour?: number;
  maxTokensPerAction?: number;
  minRating?: number;
  availableOnly?: true;
  region?: string;
  withoutData?: string;
}
export type FilterName = keyof SearchFilters;

/** Short names for the address. */
const NAMES: Record<FilterName, string> = {
  category: "category",
  pricingModel: "model",
  maxTokensPerHour: "hour",
  maxTokensPerAction: "action",
  minRating: "rating",
  availableOnly: "now",
  region: "region",
  withoutData: "without",
};
const FILTERS = Object.keys(NAMES) as FilterName[];
const NUMBERS = new Set<FilterName>(["maxTokensPerHour", "maxTokensPerAction", "minRating"]);

/** What is no filter, or no number where one belongs, is left out. */
export function readFilters(parameters: URLSearchParams): SearchFilters {
  const entries = FILTERS.flatMap((name): [FilterName, string | number | true][] => {
    const text = parameters.get(NAMES[name])?.trim().slice(0, 80) ?? "";
    if (text === "") return [];
    if (name === "availableOnly") return text === "1" ? [[name, true]] : [];
    if (!NUMBERS.has(name)) return [[name, text]];
    const number = Number(text);
    return Number.isFinite(number) && number >= 0 ? [[name, name === "minRating" ? Math.min(5, number) : number]] : [];
  });
  return Object.fromEntries(entries) as SearchFilters;
}

export function searchAddress(query: string, filters: SearchFilters): string {
  const parameters = new URLSearchParams();
  if (query) parameters.set("q", query);
  for (const name of FILTERS) {
    const value = filters[name];
    if (value !== undefined && value !== "") parameters.set(NAMES[name], value === true ? "1" : String(value));
  }
  return parameters.size > 0 ? `/apps?${parameters}` : "/apps";
}

/** The same filters with one changed; undefined takes it away. */
export function withFilter<Name extends FilterName>(
  filters: SearchFilters,
  name: Name,
  value: SearchFilters[Name] | undefined,
): SearchFilters {
  const { [name]: _, ...rest } = filters;
  return value === undefined || value === "" ? rest : { ...rest, [name]: value };
}

export const isFiltered = (filters: SearchFilters): boolean => Object.keys(filters).length > 0;
