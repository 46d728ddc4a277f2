// What of an app is given to the encoder: what it is in two forms, the words it is filed under, and each use case in the words of
// those who have the need. An app is as near to a need as its nearest phrase, and as all of them together.

import type { App } from "../catalogue/app.ts";
import { sha256Hex } from "../ids.ts";

export interface Phrase {
  text: string;
  /** SHA-256 of the text: the key of its vector. */
  hash: string;
  /** Whether it is a sentence that can be shown as a reason, not a list of words. */
  isSaid: boolean;
}

/** The encoder reads 128 pieces; what a description says later is for people. */
const ABOUT_LENGTH_MAX = 400;

/**
 * A text as the encoder compares it best: one that begins and ends like a sentence. Need and phrases alike, so that their form
 * says nothing (measured: docs/ranking.md).
 */
export function sentenceOf(text: string): string {
  const plain = text.trim().replaceAll(/\s+/gu, " ");
  if (plain.length === 0) return "";
  const [first = ""] = plain;
  return first.toUpperCase() + plain.slice(first.length) + (/[.?!]$/u.test(plain) ? "" : ".");
}

export async function phrasesOf(
  app: Pick<App, "name" | "description" | "category" | "tags" | "useCases">,
): Promise<Phrase[]> {
  const about = `${app.name}. ${app.description}`.slice(0, ABOUT_LENGTH_MAX);
  const said = [about, app.description.slice(0, ABOUT_LENGTH_MAX), ...app.useCases];
  const filed = [app.category, ...app.tags].join(", ");
  const texts = new Map(said.map((text) => [sentenceOf(text), true]));
  if (!texts.has(sentenceOf(filed))) texts.set(sentenceOf(filed), false);
  return Promise.all([...texts].map(async ([text, isSaid]) => ({ text, hash: await sha256Hex(text), isSaid })));
}
