// The settings as they are now: the defaults of the code, overruled by the rows of D1.

import type { Millis } from "../clock.ts";
import { DEFAULT_SETTINGS, isSettingKey, SETTINGS, type Settings } from "./definitions.ts";
import { selectSettings, type SettingRow } from "./store.ts";

/** A change reaches every isolate within this: the price of no read of D1 a request. */
export const SETTINGS_CACHE_MS = 30_000;

let known: { settings: Settings; readAt: Millis } | null = null;

/**
 * All settings, typed. At most one read of D1 an isolate and half a minute, so a busy path may ask; what a request then
 * does with money must use what it read once.
 */
export async function readSettings(db: D1Database, now: Millis): Promise<Settings> {
  const age = known ? now - known.readAt : -1;
  if (known && age >= 0 && age < SETTINGS_CACHE_MS) return known.settings;
  const { results } = await selectSettings(db).all<SettingRow>();
  known = { settings: settingsOf(results), readAt: now };
  return known.settings;
}

/** The next `readSettings` reads anew. For whoever has just changed one. */
export function forgetSettings(): void {
  known = null;
}

/** A row this code does not know, or that does not pass today's check, is as if it were not there. */
export function settingsOf(rows: readonly SettingRow[]): Settings {
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  for (const { key, value } of rows) if (isSettingKey(key) && value !== null) settings[key] = storedValue(key, value);
  return settings as unknown as Settings;
}

function storedValue(key: keyof typeof SETTINGS, json: string): unknown {
  try {
    return SETTINGS[key].read(JSON.parse(json));
  } catch {
    return DEFAULT_SETTINGS[key];
  }
}
