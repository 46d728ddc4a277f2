// Says a JSON schema in words: rows of fields, the name of a type, and an example for a request.

import type { ApiDocument } from "./document.ts";

/** As much of JSON Schema 2020-12 as the document uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  title?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}

export interface Field {
  name: string;
  schema: JsonSchema;
  isRequired: boolean;
}

const REF = "#/components/schemas/";
export const refName = (schema: JsonSchema): string | null =>
  schema.$ref?.startsWith(REF) ? schema.$ref.slice(REF.length) : null;

/** The schema a reference stands for, or itself. */
export function resolve(document: ApiDocument, schema: JsonSchema): JsonSchema {
  const name = refName(schema);
  return name === null ? schema : ((document.components?.schemas?.[name] ?? {}) as JsonSchema);
}

/** The fields of an object, those of objects inside it with dotted names; named schemas are not opened. */
export function fieldsOf(schema: JsonSchema, prefix = ""): Field[] {
  const own = [schema, ...(schema.allOf ?? [])];
  return own.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).flatMap(([name, field]) => {
      const inner = field.type === "array" ? (field.items ?? {}) : field;
      const path = `${prefix}${name}${field.type === "array" ? "[]" : ""}`;
      const isRequired = required.includes(name);
      return [
        { name: `${prefix}${name}`, schema: field, isRequired },
        ...(refName(inner) === null ? fieldsOf(inner, `${path}.`) : []),
      ];
    }),
  );
}

/** `string`, `integer, 5 to 180`, `"live" or "test"`, `array of ProviderCard`. */
export function typeText(schema: JsonSchema): string {
  const name = refName(schema);
  if (name !== null) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return choice.map((one) => one.title ?? typeText(one)).join(" or ");
  if (schema.allOf) return schema.allOf.map(typeText).join(" and ");
  const types = [schema.type ?? "any"].flat();
  const kind = types.map((type) => (type === "array" ? `array of ${typeText(schema.items ?? {})}` : type)).join(" or ");
  return [kind, ...limitsOf(schema)].join(", ");
}

function limitsOf(schema: JsonSchema): string[] {
  const range = (low: number | undefined, high: number | undefined, unit: string) => {
    if (low !== undefined && high !== undefined) return [`${low} to ${high}${unit}`];
    if (low !== undefined) return [`at least ${low}${unit}`];
    return high === undefined ? [] : [`at most ${high}${unit}`];
  };
  return [
    ...(schema.format ? [schema.format] : []),
    ...range(schema.minimum, schema.maximum, ""),
    ...(schema.exclusiveMinimum === undefined ? [] : [`above ${schema.exclusiveMinimum}`]),
    ...range(schema.minLength, schema.maxLength, " characters"),
    ...range(schema.minItems, schema.maxItems, " items"),
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
  ];
}

/** Deep enough for every shape of ours; a price may contain prices. */
const EXAMPLE_DEPTH_MAX = 6;

/** A body that could be sent: what has an example or is required. */
export function exampleOf(document: ApiDocument, given: JsonSchema, depth = 0): unknown {
  const schema = resolve(document, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const choice = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (choice?.[0]) return exampleOf(document, choice[0], depth);
  switch ([schema.type].flat()[0]) {
    case "object":
      return exampleObject(document, schema, depth);
    case "array":
      return depth > EXAMPLE_DEPTH_MAX || !schema.items ? [] : [exampleOf(document, schema.items, depth + 1)];
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    default:
      return "...";
  }
}

function exampleObject(document: ApiDocument, schema: JsonSchema, depth: number): Record<string, unknown> {
  if (depth > EXAMPLE_DEPTH_MAX) return {};
  const shown = Object.entries(schema.properties ?? {}).filter(
    ([name, field]) => schema.required?.includes(name) || resolve(document, field).example !== undefined,
  );
  return Object.fromEntries(shown.map(([name, field]) => [name, exampleOf(document, field, depth + 1)]));
}
