// Text of people that others are shown.

import { z } from "@hono/zod-openapi";

/** Trimmed, and without control or direction-changing characters, which can make it look like another. */
export const shownText = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine(
      (text) => !/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u.test(text.replace(/[\n\t]/g, "")),
      "has control characters",
    );
