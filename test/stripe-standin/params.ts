// Request parameters as Stripe takes them: form-encoded with brackets, unknown ones refused by name. Every endpoint
// states what it understands as a literal, so a parameter this stand-in does not emulate fails loudly instead of being
// dropped in silence.

import { invalidRequest } from "./errors.ts";

export type Spec = "string" | "integer" | "boolean" | "map" | readonly [Spec] | { readonly [name: string]: Spec };

export type Read<S> = S extends "string"
  ? string
  : S extends "integer"
    ? number
    : S extends "boolean"
      ? boolean
      : S extends "map"
        ? Record<string, string>
        : S extends readonly [infer Item]
          ? Read<Item>[]
          : S extends { readonly [name: string]: Spec }
            ? { [Name in keyof S]?: Read<S[Name]> }
            : never;

export type RawParams = { [name: string]: string | RawParams };

/** `a[b][0][c]=v` as nested objects; array indexes stay keys until the spec says they are an array. */
export function parseForm(encoded: string): RawParams {
  const root: RawParams = Object.create(null);
  for (const [name, value] of new URLSearchParams(encoded)) {
    const path = name.replaceAll("]", "").split("[");
    let node = root;
    for (const [i, key] of path.entries()) {
      const own = key === "" ? String(Object.keys(node).length) : key;
      if (i === path.length - 1) node[own] = value;
      else {
        const next = node[own];
        node = node[own] = typeof next === "object" ? next : (Object.create(null) as RawParams);
      }
    }
  }
  return root;
}

/**
 * The parameters in the types the spec gives them.
 * @throws StripeRefusal 400 for an unknown parameter or a value of another type.
 */
export function readParams<const S extends Spec>(spec: S, raw: RawParams): Read<S> {
  return readValue(spec, raw, "") as Read<S>;
}

function readValue(spec: Spec, value: string | RawParams, path: string): unknown {
  if (typeof spec === "string") return readScalar(spec, value, path);
  if (typeof value === "string") throw invalidRequest(`Invalid ${isList(spec) ? "array" : "object"}`, { param: path });
  if (isList(spec)) return Object.values(value).map((item, i) => readValue(spec[0], item, `${path}[${i}]`));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const inner = path ? `${path}[${name}]` : name;
      const own = spec[name];
      if (!own)
        throw invalidRequest(`Received unknown parameter: ${inner}`, { code: "parameter_unknown", param: inner });
      return [name, readValue(own, item, inner)];
    }),
  );
}

function readScalar(spec: "string" | "integer" | "boolean" | "map", value: string | RawParams, path: string): unknown {
  if (spec === "map") {
    if (typeof value === "string") throw invalidRequest("Invalid object", { param: path });
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
  }
  if (typeof value !== "string") throw invalidRequest("Invalid string", { param: path });
  if (spec === "string") return value;
  if (spec === "boolean") {
    if (value !== "true" && value !== "false") throw invalidRequest(`Invalid boolean: ${value}`, { param: path });
    return value === "true";
  }
  if (!/^-?\d{1,15}$/.test(value))
    throw invalidRequest(`Invalid integer: ${value}`, { code: "parameter_invalid_integer", param: path });
  return Number(value);
}

const isList = (spec: Exclude<Spec, string>): spec is readonly [Spec] => Array.isArray(spec);

/** @throws StripeRefusal 400 `parameter_missing` */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined || value === "")
    throw invalidRequest(`Missing required param: ${name}.`, { code: "parameter_missing", param: name });
  return value;
}
