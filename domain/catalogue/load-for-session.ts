// What starting a session needs to know of an app, remembered per isolate for some seconds. It holds every price the app
// offers, also those that are announced, so that a price starts at its moment and not when somebody looks. A stale copy is
// harmless: the insert of the session checks price version, status and review again in SQL.

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { findForSession, type ProviderForSession } from "./store.ts";

export type { ProviderForSession };

export const PROVIDER_REMEMBERED_MS = 10_000;
const remembered = new BoundedMap<string, { provider: ProviderForSession; until: Millis }>(2_000);

/** @returns null when there is no such app. The prices are shared between callers: never change them. */
export async function loadForSession(
  db: D1Database,
  providerId: string,
  now: Millis,
): Promise<ProviderForSession | null> {
  const known = remembered.get(providerId);
  if (known && now < known.until) return known.provider;
  const provider = await findForSession(db, providerId);
  if (provider) remembered.set(providerId, { provider, until: now + PROVIDER_REMEMBERED_MS });
  return provider;
}

/** After a change of the app, or when the database said that the copy is stale. Reaches this isolate only. */
export const forgetProvider = (providerId: string): void => remembered.delete(providerId);
