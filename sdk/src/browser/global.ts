// `window.MarketplaceSDK` of the script build. Calls made before the script arrived wait in `q` and run now; a script
// tag with `data-provider-id` needs no call at all.

import { createSession } from "./session.ts";
import type { MarketplaceSession, SessionOptions } from "./options.ts";

export interface MarketplaceGlobal {
  create(options: SessionOptions): MarketplaceSession;
  /** Functions called with this object, or `["create", options]`. Pushing after the script loaded runs at once. */
  q: { push(...calls: QueuedCall[]): void };
}
export type QueuedCall = ((sdk: MarketplaceGlobal) => void) | ["create", SessionOptions];

/** @param complete What this build adds to the options of every session: the bar, or nothing. */
export function install(complete = (options: SessionOptions): SessionOptions => options): void {
  const place = window as unknown as { MarketplaceSDK?: { q?: Iterable<QueuedCall> } };
  const run = (call: QueuedCall) => {
    if (typeof call === "function") call(sdk);
    else sdk.create(call[1]);
  };
  const sdk: MarketplaceGlobal = {
    create: (options) => createSession(complete(options)),
    q: { push: (...calls) => calls.forEach(run) },
  };
  const queued = place.MarketplaceSDK?.q ?? [];
  place.MarketplaceSDK = sdk as never;
  const providerId = (document.currentScript as HTMLScriptElement | null)?.dataset.providerId;
  if (providerId) sdk.create({ providerId });
  sdk.q.push(...queued);
}
