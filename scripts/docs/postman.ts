// A Postman collection (format 2.1) of every operation a person or a provider would try, from the OpenAPI document. What an
// answer gives for the next request (tokens, ids) is put into the collection's variables.

import { sampleOf } from "../../workers/docs/curl.ts";
import { operationsOf, type ApiDocument, type DescribedOperation } from "../../workers/docs/document.ts";

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/** Shell variables of the samples, and the collection variables they are here. */
const VARIABLES: Record<string, string> = {
  $TOKEN: "{{token}}",
  $API_KEY: "{{apiKey}}",
  $LAUNCH_TOKEN: "{{launchToken}}",
  $SESSION_TOKEN: "{{sessionToken}}",
};

/** Which field of an answer is kept, by operation. */
const KEPT: Record<string, [variable: string, from: string][]> = {
  register: [["token", "body.token"]],
  login: [["token", "body.token"]],
  refresh: [["token", "body.token"]],
  listProviders: [["providerId", "body.providers[0].id"]],
  registerProvider: [
    ["apiKey", "body.testApiKey"],
    ["providerId", "body.provider.id"],
  ],
  createSession: [
    ["sessionId", "body.session.id"],
    ["launchToken", 'new URL(body.session.redirectUrl).searchParams.get("marketplace_session")'],
  ],
  createSandboxSession: [
    ["sessionId", "body.session.id"],
    ["launchToken", 'new URL(body.session.redirectUrl).searchParams.get("marketplace_session")'],
  ],
  syncSession: [["sessionToken", 'body.sessionToken ?? pm.collectionVariables.get("sessionToken")']],
  purchaseTokens: [["orderId", "body.orderId"]],
  makeApiKey: [["keyId", "body.key.id"]],
  createWebhook: [["webhookId", "body.webhook.id"]],
};

/** Which variable an `{id}` of a path is. */
const ID_VARIABLE: [pathStart: string, variable: string][] = [
  ["/v1/sessions/", "sessionId"],
  ["/v1/providers/", "providerId"],
  ["/v1/provider/apps/", "providerId"],
  ["/v1/provider/keys/", "keyId"],
  ["/v1/provider/sandbox/sessions/", "sessionId"],
  ["/v1/provider/webhooks/", "webhookId"],
  ["/v1/tokens/orders/", "orderId"],
  ["/api/sessions/", "sessionId"],
  ["/api/providers/", "providerId"],
];

export function postmanCollection(document: ApiDocument) {
  const operations = operationsOf(document).filter(({ operation }) => !operation.tags?.includes("Stripe"));
  const names = [
    "token",
    "apiKey",
    "launchToken",
    "sessionToken",
    "sessionId",
    "providerId",
    "orderId",
    "webhookId",
    "keyId",
  ];
  return {
    info: {
      name: document.info.title,
      description:
        "Written by node scripts/write-docs.ts from the OpenAPI document. Set baseUrl, then register or sign in first. On your own machine test@marketplace.com has tokens to spend (testpassword123), and provider@marketplace.com the apps of the catalogue (the same).",
      schema: SCHEMA,
    },
    variable: [{ key: "baseUrl", value: "http://localhost:3000" }, ...names.map((key) => ({ key, value: "" }))],
    item: (document.tags ?? [])
      .map(({ name, description }) => ({
        name,
        description,
        item: operations
          .filter(({ operation }) => operation.tags?.includes(name))
          .map((described) => requestItem(document, described)),
      }))
      .filter((folder) => folder.item.length > 0),
  };
}
export type PostmanCollection = ReturnType<typeof postmanCollection>;

function requestItem(document: ApiDocument, described: DescribedOperation) {
  const { path, operation } = described;
  const sample = sampleOf(document, described);
  const variable = ID_VARIABLE.find(([start]) => path.startsWith(start))?.[1] ?? "id";
  const rawPath = sample.path.replaceAll("$ID", `{{${variable}}}`);
  const [pathname = "", query] = rawPath.split("?");
  const body = bodyOf(sample.body);
  return {
    name: operation.summary,
    request: {
      method: sample.method,
      description: operation.description,
      header: sample.headers.map(([key, value]) => ({ key, value: filled(value) })),
      url: {
        raw: `{{baseUrl}}${rawPath}`,
        host: ["{{baseUrl}}"],
        path: pathname.slice(1).split("/"),
        ...(query && { query: query.split("&").map((pair) => ({ key: pair.split("=")[0], value: "" })) }),
      },
      ...(body !== null && { body: { mode: "raw", raw: body, options: { raw: { language: "json" } } } }),
    },
    ...(KEPT[operation.operationId ?? ""] && { event: [keepEvent(KEPT[operation.operationId ?? ""]!)] }),
  };
}

const filled = (text: string): string =>
  Object.entries(VARIABLES).reduce((done, [shell, variable]) => done.replace(shell, variable), text);

/** Ids in a body are the ones known from the requests before. */
function bodyOf(body: unknown): string | null {
  if (body === null) return null;
  const known = { providerId: "{{providerId}}", sessionId: "{{sessionId}}" };
  const object = typeof body === "object" && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
  const replaced = Object.entries(known).filter(([name]) => name in object);
  return JSON.stringify({ ...object, ...Object.fromEntries(replaced) }, null, 2);
}

const keepEvent = (kept: [variable: string, from: string][]) => ({
  listen: "test",
  script: {
    type: "text/javascript",
    exec: [
      "if (pm.response.code < 300) {",
      "  const body = pm.response.json();",
      ...kept.map(([variable, from]) => `  pm.collectionVariables.set("${variable}", ${from});`),
      "}",
    ],
  },
});
