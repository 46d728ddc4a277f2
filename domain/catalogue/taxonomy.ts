// The closed taxonomy of two levels: every category of categories.ts stands in one group. Groups are for looking around;
// what is stored on an app is its category.

import type { Category } from "./categories.ts";

export const GROUPS = {
  create: ["writing", "design", "image", "video", "audio", "games"],
  work: ["productivity", "marketing", "sales", "support", "finance", "legal"],
  build: ["code", "data"],
  learn: ["research", "education", "translation"],
  live: ["health", "travel"],
  other: ["other"],
} as const satisfies Record<string, readonly Category[]>;
export type Group = keyof typeof GROUPS;

export const groupOf = (category: string): Group =>
  (Object.keys(GROUPS) as Group[]).find((group) => (GROUPS[group] as readonly string[]).includes(category)) ?? "other";
