// What an app's page in the catalogue takes, at registration and at every later change.

import { z } from "@hono/zod-openapi";
import { CATEGORIES } from "../../domain/catalogue/categories.ts";
import { URL_MAX_LENGTH } from "../../domain/webhooks/url-policy.ts";
import { shownLine, shownText } from "./shown-text.ts";

const USE_CASES_MAX = 10;
const TAGS_MAX = 20;
const LIST_MAX = 60;

const address = z.string().min(1).max(URL_MAX_LENGTH);
const list = (item: z.ZodType<string>, max: number) => z.array(item).max(max).nullish();

export const listingFields = {
  name: shownLine(80).min(2).openapi({ example: "AI Writer Pro" }),
  description: shownText(4000),
  category: shownLine(40).openapi({
    description: `One of ${CATEGORIES.join(", ")}; another word is filed under other and kept as a tag.`,
  }),
  tags: list(shownLine(40), TAGS_MAX),
  useCases: z
    .array(shownLine(300))
    .min(1)
    .max(USE_CASES_MAX)
    .openapi({ description: "What people come for, in their own words.", example: ["write a cover letter"] }),
  appUrl: address.openapi({ description: "Where a session starts: https, and on an origin nobody else registered." }),
  logoUrl: address,
  dataReceived: z.union([shownText(300).transform((one) => [one]), z.array(shownText(300)).max(LIST_MAX)]).nullish(),
  refundTerms: shownText(2000).nullish(),
  regions: list(shownLine(60), LIST_MAX),
  fixedDuration: z.boolean().optional().openapi({
    description:
      "For an app that cannot embed the meter: people agree to pay for the whole duration, and its server redeems the launch token. Off unless you say so.",
  }),
};
