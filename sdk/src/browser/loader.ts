// Loads `/sdk.js` without blocking the page, for apps that install the package instead of writing the tag.

import { DEFAULT_API_ORIGIN } from "../protocol/origins.ts";
import type { MarketplaceGlobal } from "./global.ts";

export type { MarketplaceGlobal } from "./global.ts";
export type * from "./options.ts";

export interface LoadOptions {
  /** Default: the newest build of the marketplace. */
  src?: string;
  /** Of an immutable address (`/sdk/v1/manifest.json` lists both); `src` must name that address. */
  integrity?: string;
}

let loading: Promise<MarketplaceGlobal> | undefined;

/** @returns `window.MarketplaceSDK`, once the script ran. Asked again, the same; after a failure, another try. */
export function loadMarketplace(options: LoadOptions = {}): Promise<MarketplaceGlobal> {
  loading ??= load(options).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

function load({ src = `${DEFAULT_API_ORIGIN}/sdk.js`, integrity = "" }: LoadOptions): Promise<MarketplaceGlobal> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.async = true;
    script.crossOrigin = "anonymous";
    script.integrity = integrity;
    script.src = trusted(src);
    script.onload = () => resolve((globalThis as unknown as { MarketplaceSDK: MarketplaceGlobal }).MarketplaceSDK);
    script.onerror = () => reject(new Error("The marketplace script could not be loaded."));
    document.head.append(script);
  });
}

interface Policy {
  /** Answers an object that stands for a string; the DOM's own types call it a string. */
  createScriptURL: (url: string) => string;
}
let policy: Policy | undefined;

/** Where a page requires Trusted Types, its policy must allow the name: `trusted-types meterplace`. A plain tag needs none. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as unknown as {
    trustedTypes?: { createPolicy: (name: string, rules: Policy) => Policy };
  };
  policy ??= trustedTypes?.createPolicy("meterplace", { createScriptURL: (address) => address });
  return policy?.createScriptURL(url) ?? url;
}
