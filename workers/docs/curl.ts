// A command to try an operation with, from the document alone: also what the Postman collection is made of.

import type { ApiDocument, DescribedOperation } from "./document.ts";
import { exampleOf, type JsonSchema } from "./schema-text.ts";

/** What stands for each credential in a sample. */
const CREDENTIAL: Record<string, string> = {
  accessToken: "$TOKEN",
  apiKey: "$API_KEY",
  launch: "$LAUNCH_TOKEN",
  sessionToken: "$SESSION_TOKEN",
};

export interface Sample {
  method: string;
  /** Path with its parameters as shell variables: `/v1/sessions/$ID/pause`. */
  path: string;
  headers: [name: string, value: string][];
  body: unknown;
}

export function sampleOf(document: ApiDocument, { method, path, operation }: DescribedOperation): Sample {
  const scheme = operation.security?.flatMap((entry) => Object.keys(entry)).find((name) => name in CREDENTIAL);
  const schema = bodySchema(operation);
  return {
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`) + queryOf(operation),
    headers: [
      ...(scheme ? [["Authorization", `Bearer ${CREDENTIAL[scheme]}`] satisfies [string, string]] : []),
      ...(schema ? [["Content-Type", "application/json"] satisfies [string, string]] : []),
    ],
    body: schema && exampleOf(document, schema),
  };
}

/** The request body's schema, or null without one. */
export function bodySchema(operation: DescribedOperation["operation"]): JsonSchema | null {
  const body = operation.requestBody;
  return body && "content" in body ? ((body.content["application/json"]?.schema as JsonSchema) ?? null) : null;
}

function queryOf(operation: DescribedOperation["operation"]): string {
  const required = (operation.parameters ?? []).filter(
    (one) => "in" in one && one.in === "query" && one.required === true,
  );
  return required.length === 0
    ? ""
    : `?${required.map((one) => ("name" in one ? `${one.name}=$${one.name.toUpperCase()}` : "")).join("&")}`;
}

export function curlOf(document: ApiDocument, described: DescribedOperation): string {
  const { method, path, headers, body } = sampleOf(document, described);
  const origin = document.servers?.[0]?.url ?? "";
  const parts = [
    `curl${method === "GET" ? "" : ` -X ${method}`} "${origin}${path}"`,
    ...headers.map(([name, value]) => `-H "${name}: ${value}"`),
    ...(body === null ? [] : [`-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`]),
  ];
  return parts.join(" \\\n  ");
}
