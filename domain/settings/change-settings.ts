// Reading and changing settings as an operator: all of them with their meaning, and who changed what.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { losingBundle } from "../payments/bundles.ts";
import { DEFAULT_SETTINGS, isSettingKey, SETTINGS, type SettingKey, type Settings } from "./definitions.ts";
import { SettingRefused } from "./kinds.ts";
import { forgetSettings, settingsOf } from "./read-settings.ts";
import { putSetting, selectChanges, selectSettings, type SettingChange, type SettingRow } from "./store.ts";

const CHANGES_SHOWN_MAX = 100;

export interface SettingView {
  key: SettingKey;
  value: unknown;
  default: unknown;
  about: string;
  updatedAt: string | null;
  updatedBy: string | null;
}
export interface SettingsView {
  settings: SettingView[];
  /** Newest first. A null value stands for the default. */
  changes: { key: string; oldValue: unknown; newValue: unknown; changedBy: string; at: string }[];
}

export async function viewSettings(db: D1Database): Promise<SettingsView> {
  const [rows, changes] = await db.batch([selectSettings(db), selectChanges(db, CHANGES_SHOWN_MAX)]);
  return viewOf(rows!.results as SettingRow[], changes!.results as SettingChange[]);
}

/**
 * Change some settings, all or none of them; the others stay.
 *
 * @param changes By key; null puts the default back.
 * @returns All settings as they are afterwards. Idempotent by `claim`.
 * @throws DomainError `invalid_request` naming each key that is unknown or has a value it cannot have, and when the
 *   settings together would let the platform lose money.
 */
export async function changeSettings(
  db: D1Database,
  it: { changes: Record<string, unknown>; userId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<SettingsView> {
  const accepted = readChanges(it.changes);
  const { results: before } = await selectSettings(db).all<SettingRow>();
  const rows = accepted.map(([key, value]) => ({
    key,
    value: value === null ? null : JSON.stringify(value),
    updatedAt: now,
    updatedBy: it.userId,
  }));
  const changedKeys = new Set<string>(rows.map(({ key }) => key));
  const after = [...before.filter(({ key }) => !changedKeys.has(key)), ...rows];
  refuseLosses(settingsOf(after));

  const { changes } = await viewSettings(db);
  const isNews = (row: SettingRow) => (before.find(({ key }) => key === row.key)?.value ?? null) !== row.value;
  const news = rows.filter(isNews).map((row) => ({
    key: row.key,
    oldValue: before.find(({ key }) => key === row.key)?.value ?? null,
    newValue: row.value,
    changedBy: it.userId,
    at: now,
  }));
  const view = viewOf(after, news.toReversed());
  const answer = { ...view, changes: [...view.changes, ...changes].slice(0, CHANGES_SHOWN_MAX) };
  await db.batch([
    ...rows.map((row) => putSetting(db, row)),
    ...(await recordAnswer(db, it.claim, { status: 200, body: answer }, now)),
  ]);
  forgetSettings();
  return answer;
}

function readChanges(changes: Record<string, unknown>): [SettingKey, unknown][] {
  const errors: { field: string; message: string }[] = [];
  const accepted: [SettingKey, unknown][] = [];
  for (const [key, value] of Object.entries(changes)) {
    try {
      if (!isSettingKey(key)) throw new SettingRefused("is no setting");
      accepted.push([key, value === null ? null : SETTINGS[key].read(value)]);
    } catch (error) {
      if (!(error instanceof SettingRefused)) throw error;
      errors.push({ field: `settings.${key}`, message: error.message });
    }
  }
  if (errors.length > 0) throw refusedSettings(errors);
  return accepted;
}

/** Settings that are each fine can still lose money together. */
function refuseLosses(settings: Settings): void {
  const loss = losingBundle(settings.bundles, settings);
  if (loss !== null)
    throw refusedSettings([
      {
        field: "settings.bundles",
        message: `could lose money from ${loss} tokens on, after the card fee and a platform fee of 20 %`,
      },
    ]);
}

function refusedSettings(errors: { field: string; message: string }[]): DomainError {
  return new DomainError("invalid_request", `${errors[0]!.field} ${errors[0]!.message}`, { errors });
}

function viewOf(rows: readonly SettingRow[], changes: readonly SettingChange[]): SettingsView {
  const settings = settingsOf(rows);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const keys = Object.keys(SETTINGS) as SettingKey[];
  return {
    settings: keys.map((key) => ({
      key,
      value: settings[key],
      default: DEFAULT_SETTINGS[key],
      about: SETTINGS[key].about,
      updatedAt: isoOrNull(byKey.get(key)?.updatedAt),
      updatedBy: byKey.get(key)?.updatedBy ?? null,
    })),
    changes: changes.map((change) => ({
      key: change.key,
      oldValue: change.oldValue === null ? null : JSON.parse(change.oldValue),
      newValue: change.newValue === null ? null : JSON.parse(change.newValue),
      changedBy: change.changedBy,
      at: iso(change.at),
    })),
  };
}
