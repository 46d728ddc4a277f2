// Reads what a route declares of its request: one step where the library puts up to five in front of a handler, each with turns of
// the event loop and objects of its own. It makes a page of the catalogue a tenth cheaper (docs/benchmarks.md).

import { z, type RouteConfig } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { DomainError } from "../domain/errors.ts";
import { inWords } from "./issue-words.ts";

type Declared = NonNullable<RouteConfig["request"]>;
type Schema = z.ZodType;

/** What of it is read here; the rest (headers, cookies, forms) is the library's. */
export interface Readable {
  query?: Schema;
  params?: Schema;
  json?: { schema: Schema; isRequired: boolean };
}

/** Splits what a route declares into what is read here and what is left. */
export function readableOf({ query, params, body, ...left }: Declared): { readable: Readable; left: Declared } {
  const readable: Readable = {};
  const notRead: Declared = left;
  if (query instanceof z.ZodType) readable.query = query;
  else if (query) notRead.query = query;
  if (params instanceof z.ZodType) readable.params = params;
  else if (params) notRead.params = params;
  const [[type, content] = [], ...others] = Object.entries(body?.content ?? {});
  const isJsonAlone = type === "application/json" && others.length === 0;
  const schema = isJsonAlone && content && "schema" in content ? content.schema : undefined;
  if (schema instanceof z.ZodType) readable.json = { schema, isRequired: body?.required === true };
  else if (body) notRead.body = body;
  return { readable, left: notRead };
}

/**
 * Sets what `c.req.valid("query" | "param" | "json")` answers.
 * @throws DomainError `invalid_request`; HTTPException 400 for a body that is no JSON, 415 for one that does not say it is.
 */
export function readRequest({ query, params, json }: Readable): MiddlewareHandler {
  const readAddress = (c: Context): void => {
    if (query) c.req.addValidatedData("query", read(query, queryOf(c)));
    if (params) c.req.addValidatedData("param", read(params, c.req.param()));
  };
  if (!json)
    return (c, next) => {
      readAddress(c);
      return next();
    };
  return async (c, next) => {
    readAddress(c);
    await readBody(c, json);
    return next();
  };
}

function read(schema: Schema, value: unknown): object {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidRequest(result.error.issues);
  return result.data as object;
}

/** A name given once is a text, one given again a list. */
function queryOf(c: Context): Record<string, string | string[]> {
  if (!c.req.url.includes("?")) return {};
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  );
}

const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;.*)?$/i;

async function readBody(c: Context, { schema, isRequired }: { schema: Schema; isRequired: boolean }): Promise<void> {
  const type = c.req.header("Content-Type");
  if (type ? !JSON_TYPE.test(type.trim()) : (await c.req.text()) !== "")
    throw new HTTPException(415, { message: "Unsupported Media Type" });
  if (!type && !isRequired) return c.req.addValidatedData("json", {});
  c.req.addValidatedData("json", read(schema, type ? parsed(await c.req.text()) : {}));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HTTPException(400, { message: "Malformed JSON in request body" });
  }
}

/** What did not fit: one entry a field, and the first of them as the sentence. */
export function invalidRequest(issues: readonly { path: readonly PropertyKey[]; message: string }[]): DomainError {
  const errors = issues.map(({ path, message }) => ({
    field: path.map(String).join(".") || "body",
    message: inWords(message),
  }));
  const first = errors[0];
  return new DomainError(
    "invalid_request",
    first ? `${first.field}: ${first.message}` : "The request cannot be read.",
    { errors },
  );
}
