// The closed list of categories. What a provider calls its category otherwise is filed under `other` and kept as a tag, so
// that a registration never fails for a word and people still find it by that word.

export const CATEGORIES = [
  "writing",
  "translation",
  "design",
  "image",
  "video",
  "audio",
  "code",
  "data",
  "research",
  "education",
  "productivity",
  "marketing",
  "sales",
  "support",
  "finance",
  "legal",
  "health",
  "travel",
  "games",
  "other",
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Spelling is forgiven: case, blanks and hyphens. */
export function fileUnder(given: string): { category: Category; tag: string | null } {
  const word = given.trim().toLowerCase();
  const category = CATEGORIES.find((known) => known === word);
  return category ? { category, tag: null } : { category: "other", tag: word };
}
