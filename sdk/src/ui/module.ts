// Entry of `@meterplace/sdk/browser`: the same as the script build, as modules.

import type { MarketplaceSession, SessionOptions } from "../browser/options.ts";
import { createSession } from "../browser/session.ts";
import { withBar } from "./with-bar.ts";

export { createSession } from "../browser/session.ts";
export { sessionBar } from "./bar.ts";
export type * from "../browser/options.ts";
export type { BarTexts } from "./texts.ts";

export const MarketplaceSDK = {
  create: (options: SessionOptions): MarketplaceSession => createSession(withBar(options)),
};
