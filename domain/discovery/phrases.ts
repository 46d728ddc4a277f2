// What of an app is given to the encoder: one phrase that says what it is, and each use case in the words of those who
// have the need. An app is as near to a need as its nearest phrase.

import type { App } from "../catalogue/app.ts";
import { sha256Hex } from "../ids.ts";

export interface Phrase {
  kind: "about" | "useCase";
  text: string;
  /** SHA-256 of the text: the key of its vector. */
  hash: string;
}

/** The encoder reads 128 pieces; what a description says later is for people. */
const ABOUT_LENGTH_MAX = 400;

export async function phrasesOf(app: Pick<App, "name" | "description" | "useCases">): Promise<Phrase[]> {
  const about = `${app.name}. ${app.description}`.slice(0, ABOUT_LENGTH_MAX);
  const texts = [
    { kind: "about" as const, text: about },
    ...app.useCases.map((text) => ({ kind: "useCase" as const, text })),
  ];
  return Promise.all(texts.map(async (phrase) => ({ ...phrase, hash: await sha256Hex(phrase.text) })));
}
