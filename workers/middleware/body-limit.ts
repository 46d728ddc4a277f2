// No body is longer than it has to be. One that says how long it is is judged by that; the others are counted as they are
// read, for which hono's limiter has to make a stream of every body it looks at.

import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { DomainError } from "../../domain/errors.ts";
import type { AppEnv } from "../http.ts";

/** No request of ours is larger: a batch of 100 reports is under 40 KB. */
const BODY_MAX_BYTES = 128 * 1024;
const countAsRead = bodyLimit({ maxSize: BODY_MAX_BYTES });

/** 413 `payload_too_large` for longer bodies. */
export const limitBody = createMiddleware<AppEnv>((c, next) => {
  const length = declaredLength(c);
  if (length === null) return countAsRead(c, next);
  if (length > BODY_MAX_BYTES) throw new DomainError("payload_too_large", "The body is too large.");
  return next();
});

/** Null: it may be anything. Nobody reads the body of a GET. */
function declaredLength(c: Context<AppEnv>): number | null {
  if (c.req.method === "GET") return 0;
  const length = c.req.header("Content-Length");
  return length === undefined || c.req.header("Transfer-Encoding") !== undefined ? null : Number(length);
}
