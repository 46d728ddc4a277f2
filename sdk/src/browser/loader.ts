// Loads `/sdk.js` without blocking the page, for apps that install the package instead of writing the tag.

import { DEFAULT_API_ORIGIN } from "../protocol/origins.ts";
import type { MarketplaceGlobal } from "./global.ts";

export type { MarketplaceGlobal } from "./global.ts";
export type * from "./options.ts";

/**
 * @param options.integrity Of an immutable address (`/sdk/v1/manifest.json` lists both); `src` must name that address.
 * @returns `window.MarketplaceSDK`, once the script ran.
 */
export function loadMarketplace(options: { src?: string; integrity?: string } = {}): Promise<MarketplaceGlobal> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.async = true;
    script.crossOrigin = "anonymous";
    if (options.integrity) script.integrity = options.integrity;
    script.src = options.src ?? `${DEFAULT_API_ORIGIN}/sdk.js`;
    script.onload = () => resolve((globalThis as unknown as { MarketplaceSDK: MarketplaceGlobal }).MarketplaceSDK);
    script.onerror = () => reject(new Error("The marketplace script could not be loaded."));
    document.head.append(script);
  });
}
