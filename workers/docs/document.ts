// The OpenAPI 3.1 document: generated from the routes' own schemas, so it cannot promise what they do not do. Here stands
// only what no single route knows: what the API is, who may call, and what all answers have in common.

import { assert } from "../../domain/errors.ts";
import { ERROR_STATUS } from "../../sdk/src/protocol/errors.ts";
import { IDEMPOTENCY_KEY_MAX_LENGTH } from "../../domain/idempotency.ts";
import type { newRouter } from "../http.ts";
import { API_TAG } from "../compat/responses.ts";

export const API_VERSION = "1.0.0";

const INTRODUCTION = `One balance of tokens, many apps, and a meter that stops when you do.

**Two faces.** \`/v1\` is canonical. \`/api\` shows the same things in older shapes; nothing exists only there.

**Amounts.** Tokens are whole numbers; one token is one US cent at list price. Money is in minor units with its currency. Times are ISO 8601 in UTC, durations in seconds, ids UUIDv7.

**Errors** of \`/v1\` are \`application/problem+json\` (RFC 9457) with a \`code\` of a closed list; \`/docs/errors\` says of each what happened, what it means for the tokens and what to do. Errors of \`/api\` are \`{"error": text, "code": code}\`.

**Repeating.** A request that changes something takes an \`Idempotency-Key\`: the same key and body within 24 hours hear the first answer again, with \`Idempotency-Replayed: true\`.

**Limits.** \`429\` carries \`Retry-After\`; every answer carries \`RateLimit\` and \`RateLimit-Policy\` where a limit counts it.

**Changes.** Within \`/v1\` fields are added, never renamed or removed. What cannot be done that way becomes \`/v2\`, beside this one.`;

const TAGS = [
  { name: "Auth", description: "Accounts, sign-ins and the public signing keys." },
  {
    name: "Catalogue",
    description: "Find an app and ask what a session in it would cost. Nobody has to sign in to look.",
  },
  { name: "Tokens", description: "Buy tokens, see what there is and where they went." },
  { name: "Wallet", description: "What a person allows themselves and is told: limits, alerts, notifications." },
  { name: "Sessions", description: "A person's metered sessions: hold, run, pause, extend, end, receipt." },
  { name: "Provider", description: "Bring an app to the catalogue and look after it." },
  { name: "Provider sessions", description: "What an app's page and server say about a running session." },
  { name: "Connections", description: "Accounts people have at apps: connect, look, take back." },
  { name: "Webhooks", description: "Be told what happens: endpoints, secrets, deliveries, replays." },
  { name: "Payouts", description: "What an app earned, where its owner is paid, and each payout with its lines." },
  { name: "Operators", description: "For the people who run the marketplace." },
  { name: "Stripe", description: "Where the payment provider reports. Not for people." },
  { name: "Service", description: "Is it up." },
  { name: API_TAG, description: "The /api face: the same handlers, in the shapes of the first front end." },
];

const SECURITY_SCHEMES = {
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A signed-in person. From register, login or refresh; valid for 15 minutes.",
  },
  apiKey: {
    type: "http",
    scheme: "bearer",
    description: "An app's server: `mk_live_...` for real sessions, `mk_test_...` for sandbox ones.",
  },
  launch: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "The launch token of the redirect (`marketplace_session`). Starts its session, once, within 5 minutes.",
  },
  sessionToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "What `start` answers, for the app's page. Dies with its session.",
  },
  refreshCookie: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-refresh",
    description: "Set by register and login, sent by the browser to our own pages only.",
  },
} as const;

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});
const apiError = (description: string) => ({
  description,
  content: { "application/json": { schema: { $ref: "#/components/schemas/ApiError" } } },
});

const IDEMPOTENCY_PARAMETER = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Yours; repeating the request with it has no second effect for 24 hours.",
  schema: { type: "string", minLength: 1, maxLength: IDEMPOTENCY_KEY_MAX_LENGTH },
  example: "0198c5d2-order-17",
} as const;

/** What changes nothing, or is idempotent by keys of its own (contract section 1: auth, sync, reports, Stripe's events).
 * Everything else that is not a GET takes the header; test/workers/docs.test.ts holds both. */
const TAKES_NO_KEY = [
  ["register", "login", "refresh", "logout", "apiRegister", "apiLogin", "apiRefresh", "apiLogout"],
  // Afterwards there is nobody left who could repeat it.
  ["eraseMe"],
  ["whatIfUsage", "whatIfApp"],
  ["searchProviders", "quoteProvider", "apiSearchProviders"],
  // Gone is gone: the second time answers 404.
  ["deleteDiscoveryConversation"],
  // The same again comes to the same: what is sent replaces what was there; `state` makes a callback good for one time.
  ["startConnection", "finishConnection", "connectWithKey", "checkConnection", "disconnect"],
  ["setConnectionSettings", "removeConnectionSettings"],
  // Counts a look at a page, and no more.
  ["countView"],
  ["syncSession", "reportUsage", "receiveStripeEvent"],
].flat();

export type ApiDocument = ReturnType<ReturnType<typeof newRouter>["getOpenAPI31Document"]>;
export type Schema = NonNullable<NonNullable<ApiDocument["components"]>["schemas"]>[string];
type Operation = NonNullable<NonNullable<ApiDocument["paths"]>[string]["get"]>;

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** @param app The whole API, all routes registered. `origin`: where it can be called. */
export function apiDocument(app: ReturnType<typeof newRouter>, origin: string): ApiDocument {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Meterplace API",
      version: API_VERSION,
      description: INTRODUCTION,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: origin }],
    tags: TAGS,
    security: [],
  });
  for (const described of operationsOf(document)) complete(described);
  const components = (document.components ??= {});
  components.securitySchemes = { ...SECURITY_SCHEMES };
  components.schemas = sorted({ ...components.schemas, Problem: describedProblem(components.schemas?.Problem) });
  return document;
}

export interface DescribedOperation {
  method: (typeof METHODS)[number];
  path: string;
  operation: Operation;
}

/** Every operation, in the order the routes are registered. */
export function operationsOf(document: ApiDocument): DescribedOperation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ method, path, operation }] : [];
    }),
  );
}

/** What holds for each operation: the header it takes, and that it never refuses in another form. */
function complete({ method, path, operation }: DescribedOperation): void {
  if (method !== "get" && !TAKES_NO_KEY.includes(operation.operationId ?? ""))
    operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_PARAMETER];
  const refusal = path.startsWith("/api/") ? apiError : problem;
  operation.responses = {
    ...operation.responses,
    "4XX": refusal("Any other refusal"),
    "5XX": refusal("A failure of ours; safe to send again"),
  };
}

/** The schema with its closed list of codes, which the handlers' own type has in TypeScript. */
function describedProblem(schema: Schema | undefined): Schema {
  assert(schema && "properties" in schema, "the routes describe their problems");
  const code: Schema = { type: "string", enum: Object.keys(ERROR_STATUS), description: "See /docs/errors." };
  return { ...schema, properties: { ...schema.properties, code } };
}

const sorted = <Value>(record: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => a.localeCompare(b)));
