// What a refused body is told: which field, and what it must be.

import { z } from "@hono/zod-openapi";
import { expect, it } from "vitest";
import { inWords } from "../../workers/issue-words.ts";

it.each([
  [z.string(), undefined, "is required"],
  [z.string(), 5, "must be of type string, not number"],
  [z.string().min(1), "", "must not be empty"],
  [z.string().min(8), "short", "must have at least 8 characters"],
  [z.string().max(2), "long", "must have at most 2 characters"],
  [z.array(z.string()).min(1), [], "must have at least 1 of them"],
  [z.number().min(5), 4, "must be at least 5"],
  [z.number().max(180), 181, "must be at most 180"],
  [z.enum(["live", "test"]), "x", 'must be one of "live", "test"'],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), [], /none of the forms/],
  [z.string().refine(() => false, "our own words"), "", "our own words"],
])("says what %# must be", (schema, value, words) => {
  const said = inWords(schema.safeParse(value).error!.issues[0]!.message);
  if (typeof words === "string") expect(said).toBe(words);
  else expect(said).toMatch(words);
});
