// Requests that mean harm, made from the API's own description: bodies that are nearly right and bodies that are nothing,
// ids of other people, tokens of every wrong kind.

import { env } from "cloudflare:test";
import fc from "fast-check";
import { SignJWT } from "jose";
import { signJwt } from "../../domain/identity/signing-keys.ts";
import { newId } from "../../domain/ids.ts";
import type { ApiDocument, DescribedOperation } from "../../workers/docs/document.ts";
import { bodySchema } from "../../workers/docs/curl.ts";
import { exampleOf, fieldsOf, resolve } from "../../workers/docs/schema-text.ts";

/** Just below and just above what the Worker reads (workers/app.ts). */
export const BODY_MAX_BYTES = 128 * 1024;

const nested = (depth: number): unknown => (depth === 0 ? "deep" : { a: nested(depth - 1) });
const WORDS = [
  "",
  " ",
  "0",
  "-1",
  "NaN",
  "Infinity",
  "1e999",
  "null",
  "true",
  "__proto__",
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  "%",
  "\u0000",
  "a\u0000b",
  "\u202Egnp.exe",
  "\uD800",
  "\uFEFF",
  "\n\r\n",
  "../../etc/passwd",
  "<script>alert(1)</script>",
  "{{7*7}}",
  "${7*7}",
  "javascript:alert(1)",
  "http://169.254.169.254/latest/meta-data/",
  "https://user:secret@example.com/",
  "https://[::ffff:10.0.0.1]/",
  "9999-99-99T99:99:99Z",
  "0000-01-01T00:00:00.000Z",
  "x".repeat(10_000),
];
const NUMBERS = [0, -0, -1, 0.1, 1.5, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 53, Number.MAX_SAFE_INTEGER, 5e-324];
const SHAPES = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { toString: 1 },
  { length: -1 },
  nested(200),
  Array(1_000).fill(0),
];

/** @param ids Ids of people and things that are not the sender's. */
export const hostileValue = (ids: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...WORDS),
    fc.constantFrom(...NUMBERS),
    fc.constantFrom<unknown>(...SHAPES),
    fc.constantFrom(...ids),
    fc.jsonValue(),
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constant({ constructor: { prototype: { isAdmin: true } } }),
  );

export interface HostileRequest {
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Requests against one operation. Every body is text, so that what JSON cannot say is among it too. */
export function hostileRequest(
  document: ApiDocument,
  { method, path, operation }: DescribedOperation,
  ids: readonly string[],
): fc.Arbitrary<HostileRequest> {
  const value = hostileValue(ids);
  const schema = bodySchema(operation);
  const example = schema && exampleOf(document, schema);
  const fields = schema ? fieldsOf(resolve(document, schema)).filter(({ name }) => !/[.[]/.test(name)) : [];
  const names = fields.length > 0 ? fields.map(({ name }) => name) : ["id"];
  const parameters = (operation.parameters ?? []).flatMap((one) =>
    "name" in one && one.in === "query" ? [one.name] : [],
  );

  const oneFieldWrong = fc
    .tuple(fc.constantFrom(...names), value)
    .map(([name, wrong]) => JSON.stringify({ ...(example as object), [name]: wrong }));
  const anyFields = fc
    .dictionary(fc.constantFrom(...names, "constructor", "hasOwnProperty"), value, { maxKeys: 6 })
    .map((fieldsSent) => JSON.stringify(fieldsSent));
  const notAnObject = value.map((wrong) => JSON.stringify(wrong));
  const notJson = fc.constantFrom(
    "",
    "{",
    "[1,",
    '{"a":NaN}',
    '{"a":1e999}',
    '{"__proto__":{"isAdmin":true}}',
    '{"a":1,"a":2}',
    "\u0000",
    `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
    '{"a":"\\ud800"}',
    `"${"x".repeat(BODY_MAX_BYTES - 2_000)}"`,
  );
  const text = fc.oneof(
    { weight: 5, arbitrary: oneFieldWrong },
    { weight: 3, arbitrary: anyFields },
    { weight: 2, arbitrary: notAnObject },
    { weight: 2, arbitrary: notJson },
  );

  const segment = fc.oneof(
    fc.constantFrom(...ids),
    fc.constantFrom(newId(0), "complete", "..%2f..", "%00", "%F0%9F%98%80", "1", "a'b", "x".repeat(2_000)),
  );
  const query = fc.dictionary(fc.constantFrom(...parameters, "x", "__proto__"), value, { maxKeys: 3 });
  const key = fc.option(fc.constantFrom("", "k", "k".repeat(255), "k".repeat(256), "' OR 1=1 --"), { nil: undefined });
  const type = fc.constantFrom(
    ...Array<string>(8).fill("application/json"),
    "text/plain",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
  );
  return fc.record({ text, segment, query: parameters.length > 0 ? query : fc.constant({}), key, type }).map((it) => ({
    path: path.replaceAll(/\{\w+\}/g, it.segment) + queryString(it.query),
    headers: {
      ...(method !== "get" && { "Content-Type": it.type }),
      ...(it.key !== undefined && { "Idempotency-Key": it.key }),
    },
    body: method === "get" ? undefined : it.text,
  }));
}

function queryString(query: Record<string, unknown>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(JSON.stringify(value)).slice(0, 500).toWellFormed())}`,
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** Credentials that must never pass, by what is wrong with them. `good` are claims that would be right. */
export async function wrongTokens(good: Record<string, unknown> & { sub: string }): Promise<Record<string, string>> {
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { ...good, iss: env.WEB_ORIGIN, aud: env.API_ORIGIN, iat: seconds, exp: seconds + 900 };
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const keys = JSON.parse(env.SIGNING_KEYS) as { keys: { kid: string; x: string; y: string }[] };
  const { kid, x, y } = keys.keys[0]!;
  const signed = await signJwt(env, "at+jwt", claims);
  const [header, , signature] = signed.split(".");
  return {
    nonsense: "nonsense",
    "three dots": "...",
    "alg none": `${part({ alg: "none", typ: "at+jwt" })}.${part(claims)}.`,
    "HS256 with the public key": await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid })
      .sign(new TextEncoder().encode(JSON.stringify({ kty: "EC", crv: "P-256", x, y }))),
    "another type": await signJwt(env, "JWT", claims),
    "another issuer": await signJwt(env, "at+jwt", { ...claims, iss: "https://evil.example" }),
    "another audience": await signJwt(env, "at+jwt", { ...claims, aud: "https://evil.example" }),
    expired: await signJwt(env, "at+jwt", { ...claims, iat: seconds - 2_000, exp: seconds - 1_000 }),
    "changed claims": `${header}.${part({ ...claims, role: "operator" })}.${signature}`,
    "4 KB of it": `${"a".repeat(2_000)}.${"b".repeat(2_000)}.${"c".repeat(200)}`,
  };
}
