// How the /api face's answers stand in the OpenAPI document: its good ones, and its errors as the brief words them.

import { z } from "@hono/zod-openapi";
import { PROBLEM_TITLE } from "../http.ts";

export const API_TAG = "Compatibility";

/** A bearer may come along, and must then be valid. */
export const OPTIONAL_USER: Record<string, string[]>[] = [{ accessToken: [] }, {}];
const ApiError = z
  .object({
    error: z.string().openapi({ example: "Invalid or expired token" }),
    code: z.string().openapi({ description: "The same code /v1 answers; /docs/errors has them all." }),
  })
  .openapi("ApiError");

/** Like `problems` of http.ts, with the body this face has. */
export const apiErrors = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEM_TITLE[status] ?? "Refused",
        content: { "application/json": { schema: ApiError } },
      },
    ]),
  );

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});
