// The words of those who work on disputed slices, loaded by their pages and by no other.

import type { SliceWorkWords } from "./locales/en-provider-slices.ts";
import type { Language } from "./preferences.ts";

export const loadSliceWorkWords = async (language: Language): Promise<SliceWorkWords> =>
  language === "de"
    ? (await import("./locales/de-provider-slices.ts")).deSliceWork
    : (await import("./locales/en-provider-slices.ts")).enSliceWork;

/** A record a line: a key, a space, what was done. Null where a line is not like that. */
export function readRecords(text: string): { idempotencyKey: string; detail: string }[] | null {
  const lines = text.split("\n").map((line) => line.trim());
  const records = lines.filter((line) => line !== "").map((line) => /^(\S{1,200})\s+(.{1,300})$/.exec(line));
  if (records.length === 0 || records.length > 200 || records.some((record) => record === null)) return null;
  return records.map((record) => ({ idempotencyKey: record![1]!, detail: record![2]! }));
}
