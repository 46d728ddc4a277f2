// Text of people that others are shown, as fields of a request (domain/shown-text.ts says what that means).

import { z } from "@hono/zod-openapi";
import { cleanLine, cleanText, whyNotShown } from "../../domain/shown-text.ts";

const checked = (clean: (text: string) => string, max: number) =>
  z
    .string()
    .overwrite(clean)
    .trim()
    .min(1)
    .max(max)
    .superRefine((text, context) => {
      const message = whyNotShown(text);
      if (message) context.addIssue({ code: "custom", message });
    });

export const shownText = (max: number) => checked(cleanText, max);
/** Without line breaks: a name, a tag, a phrase. */
export const shownLine = (max: number) => checked(cleanLine, max);
