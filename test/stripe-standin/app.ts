// The stand-in as one `fetch`: Stripe's API under /v1, the hosted page under /c/pay, test controls under /_dev. Runs in
// Node and in workerd alike (no Node API here); server.ts gives it a port and a file.
// Never ships: see docs/decisions/0008-stripe-standin.md.

import { Hono, type Context } from "hono";
import { devControls } from "./dev.ts";
import { onboardingPage } from "./connect-page.ts";
import type { Endpoint } from "./endpoint.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { invalidRequest, StripeRefusal, unauthorized, unknownEndpoint } from "./errors.ts";
import { expand } from "./expand.ts";
import { expireDue } from "./checkout.ts";
import { settleMovements } from "./clock-work.ts";
import { ConnectionBroken, Faults, hang, refusalOf } from "./faults.ts";
import { hostedPage } from "./page.ts";
import { parseForm, type RawParams } from "./params.ts";
import { forgetful, State, type Journal } from "./state.ts";
import { Deliveries } from "./webhooks.ts";
import { API_VERSION, randomId, type World } from "./world.ts";

/** Must never be found in a production bundle (test/scripts/bundle.test.ts looks for it). */
export const SENTINEL = "stripe-standin-never-ships-5f1c";

/** Going through every session on every request would cost more than it tells. */
const EXPIRY_CHECK_MS = 1_000;

export interface StandinOptions {
  /** Origin of the hosted page, as a browser reaches it. */
  origin: string;
  webhookUrl: string;
  webhookSecret: string;
  /** Event types the endpoint is subscribed to. */
  subscribed: readonly string[] | "all";
  now?: () => number;
  journal?: Journal;
  /** How webhooks travel; default: `fetch`. */
  send?: (url: string, init: RequestInit) => Promise<Response>;
  /** Sees every request, answer and webhook, for the check against the SDK's types. */
  seen?: (what: Seen) => void;
}

export type Seen =
  | { kind: "request"; endpoint: string; params: RawParams }
  | { kind: "answer"; body: unknown }
  | { kind: "webhook"; body: unknown };

export interface Standin {
  fetch(request: Request): Promise<Response>;
  world: World;
  deliveries: Deliveries;
  faults: Faults;
}

export function createStandin(options: StandinOptions): Standin {
  const world: World = {
    state: new State(options.journal ?? forgetful),
    now: options.now ?? Date.now,
    wall: options.now ?? Date.now,
    origin: options.origin,
    subscribed: options.subscribed === "all" ? "all" : new Set(options.subscribed),
    request: null,
  };
  const deliveries = new Deliveries(world, {
    url: options.webhookUrl,
    secret: options.webhookSecret,
    send: options.send ?? ((url, init) => fetch(url, init)),
    seen: (body) => options.seen?.({ kind: "webhook", body }),
  });
  const faults = new Faults();

  let expiryCheckedAtMs = 0;
  const app = new Hono();
  app.use(async (c, next) => {
    // A page elsewhere must not reach us by a name it points here (DNS rebinding).
    if (!isLoopback(new URL(c.req.url).hostname)) return c.text("This test server answers on loopback only.", 403);
    if (world.now() >= expiryCheckedAtMs + EXPIRY_CHECK_MS) {
      expiryCheckedAtMs = world.now();
      expireDue(world);
      settleMovements(world, null);
    }
    await next();
    world.state.flush();
    c.header("Stripe-Standin", SENTINEL);
  });
  for (const endpoint of ENDPOINTS)
    app.on(endpoint.method, endpoint.path, (c) => answerApi(c, world, faults, endpoint, options.seen));
  app.route("/c/pay", hostedPage(world));
  app.route("/c/onboard", onboardingPage(world));
  app.route("/_dev", devControls(world, deliveries, faults));
  app.notFound((c) => refusalAnswer(unknownEndpoint(c.req.method, c.req.path)));
  app.onError((error) => {
    if (error instanceof ConnectionBroken) throw error;
    if (error instanceof StripeRefusal) return refusalAnswer(error);
    console.error(error);
    return refusalAnswer(new StripeRefusal(500, { type: "api_error", message: String(error) }));
  });

  return { fetch: async (request) => app.fetch(request), world, deliveries, faults };
}

export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);

/** workerd warns of `.text()` on a form, which ours are on purpose. */
export const readText = async (c: Context): Promise<string> => new TextDecoder().decode(await c.req.arrayBuffer());

async function answerApi(
  c: Context,
  world: World,
  faults: Faults,
  endpoint: Endpoint,
  seen: StandinOptions["seen"],
): Promise<Response> {
  const encoded = endpoint.method === "GET" ? new URL(c.req.url).search.slice(1) : await readText(c);
  const fault = faults.take(c.req.path);
  if (fault === "network") throw new ConnectionBroken();
  if (fault === "hang") return hang(c.req.raw.signal);
  if (fault === "rate_limit" || fault === "server_error") throw refusalOf(fault);

  authorize(c);
  const idempotencyKey = (endpoint.method === "POST" && c.req.header("Idempotency-Key")) || null;
  world.request = { id: randomId("req_", 14), idempotencyKey };
  const headers = {
    "Request-Id": world.request.id,
    "Stripe-Version": API_VERSION,
    ...(idempotencyKey && { "Idempotency-Key": idempotencyKey }),
  };
  const { replayed, status, body } = once(world, idempotencyKey, `${c.req.method} ${c.req.path} ${encoded}`, () => {
    const { expand: paths, ...raw } = parseForm(encoded);
    seen?.({ kind: "request", endpoint: `${endpoint.method} ${endpoint.path}`, params: parseForm(encoded) });
    const object = endpoint.answer(world, raw, c.req.param("id") ?? "");
    return expand(world, object, typeof paths === "object" ? Object.values(paths).map(String) : []);
  });
  world.request = null;
  if (status === 200) seen?.({ kind: "answer", body: JSON.parse(body) });
  if (fault === "lost_answer") {
    world.state.flush();
    throw new ConnectionBroken();
  }
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/json", ...headers, ...(replayed && { "Idempotent-Replayed": "true" }) },
  });
}

/**
 * Stripe's idempotency: the first answer to a key is given again, other parameters are refused. Requests that failed
 * validation before anything ran are not kept. docs.stripe.com/api/idempotent_requests
 */
function once(
  world: World,
  key: string | null,
  fingerprint: string,
  run: () => object,
): { replayed: boolean; status: number; body: string } {
  const known = key && world.state.find("note.idempotency", key);
  if (known) {
    if (known.fingerprint !== fingerprint)
      throw new StripeRefusal(400, {
        type: "idempotency_error",
        message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      });
    return { replayed: true, status: known.status, body: known.body };
  }
  const { status, body } = answerOrDecline(run);
  if (key) world.state.put("note.idempotency", { id: key, fingerprint, status, body });
  return { replayed: false, status, body };
}

/** A decline is an answer like any other: its key gives it again. */
function answerOrDecline(run: () => object): { status: number; body: string } {
  try {
    return { status: 200, body: JSON.stringify(run(), null, 2) };
  } catch (error) {
    if (!(error instanceof StripeRefusal) || error.status !== 402) throw error;
    return { status: 402, body: JSON.stringify({ error: error.body }, null, 2) };
  }
}

function authorize(c: Context): void {
  const header = c.req.header("Authorization") ?? "";
  const key = /^Bearer (\S+)$/.exec(header)?.[1];
  if (!key)
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.",
    );
  // A live key here is a mistake with real money behind it: refuse it and never repeat it.
  if (!key.startsWith("sk_test_"))
    throw unauthorized("Invalid API Key provided. This local stand-in takes only keys that start with sk_test_.");
  const version = c.req.header("Stripe-Version");
  if (version && version !== API_VERSION)
    throw invalidRequest(`Invalid Stripe API version: ${version}. This stand-in speaks ${API_VERSION}.`);
}

function refusalAnswer(refusal: StripeRefusal): Response {
  return new Response(JSON.stringify({ error: refusal.body }, null, 2), {
    status: refusal.status,
    headers: { "Content-Type": "application/json", "Request-Id": randomId("req_", 14), "Stripe-Version": API_VERSION },
  });
}
