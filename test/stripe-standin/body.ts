// The body of a test control: JSON, or nothing.

import type { Context } from "hono";
import { invalidRequest } from "./errors.ts";

/** @throws StripeRefusal 400 */
export async function readBody(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text === "") return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw invalidRequest("The body is not JSON.");
  }
}
