// The marketplace's own price arithmetic, as `@meterplace/sdk/pricing`: what a session holds, costs and is split into, to the
// token, on your server or in your tests. Bundled from domain/pricing, so that there is one engine; no browser script has it.

export { charge, type Charge, type ChargeLine, type MeteredUse } from "../domain/pricing/charge.ts";
export type { PriceComponent } from "../domain/pricing/components.ts";
export { holdFor, type Hold } from "../domain/pricing/hold.ts";
export { parsePricing } from "../domain/pricing/parse-pricing.ts";
export type { Price, PriceModel } from "../domain/pricing/price.ts";
export { quote, type Quote } from "../domain/pricing/quote.ts";
