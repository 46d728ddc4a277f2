// This marketplace's public contract for the driver. Tokens are bought through the Stripe stand-in's test control.

import { randomUUID } from "node:crypto";
import { Marketplace } from "../../sdk/src/server/marketplace.ts";
import { isSigned, type Adapter, type LoadUser } from "./adapter.ts";
import type { ApiRequest } from "./client.ts";

const APP_ORIGIN = "https://load.example.com";
const CREDIT_TRIES = 300;
const CREDIT_TRY_EVERY_MS = 100;

const post = (path: string, body: unknown, bearer?: string, headers: Record<string, string> = {}): ApiRequest => ({
  method: "POST",
  path,
  headers: {
    "content-type": "application/json",
    ...(bearer && { authorization: `Bearer ${bearer}` }),
    ...headers,
  },
  body: JSON.stringify(body),
});
const keyed = (path: string, body: unknown, bearer?: string): ApiRequest =>
  post(path, body, bearer, { "idempotency-key": randomUUID() });
const get = (path: string, bearer?: string): ApiRequest => ({
  method: "GET",
  path,
  headers: bearer ? { authorization: `Bearer ${bearer}` } : {},
});

const SYNC = "/v1/provider/sessions/sync";
const REPORT = "/v1/provider/tokens/report";

export function ourAdapter(stripeOrigin: string): Adapter {
  const bought = new Map<string, number>();
  const adapter: Adapter = {
    register: (email, password) => post("/v1/auth/register", { email, password }),
    login: (email, password) => post("/v1/auth/login", { email, password }),
    readUser: (answer) => {
      const { user, token } = answer as { user: { id: string }; token: string };
      return { id: user.id, token };
    },
    fund: async (must, user, tokens) => {
      const opened = (await must(keyed("/v1/tokens/purchase", { tokenAmount: tokens }, user.token))) as {
        checkoutUrl: string;
      };
      const checkout = /cs_\w+/.exec(opened.checkoutUrl)![0];
      const paid = await fetch(`${stripeOrigin}/_dev/checkout/${checkout}/pay`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"card":"4242424242424242"}',
      });
      if (!paid.ok) throw new Error(`the stand-in refused to pay: ${paid.status}`);
      const wanted = (bought.get(user.id) ?? 0) + tokens;
      for (let tries = 0; adapter.readBalance(await must(adapter.balance(user))) < wanted; tries++) {
        if (tries > CREDIT_TRIES) throw new Error("the bought tokens did not arrive");
        await new Promise((resolve) => setTimeout(resolve, CREDIT_TRY_EVERY_MS));
      }
      bought.set(user.id, wanted);
    },
    registerApp: (owner: LoadUser, { name, tokensHeldPerHour }) =>
      keyed(
        "/v1/provider/register",
        {
          name,
          description: "An app of the benchmark, with a description of ordinary length.",
          category: "other",
          useCases: ["be measured"],
          appUrl: `${APP_ORIGIN}/start`,
          logoUrl: `${APP_ORIGIN}/logo.png`,
          pricing: [{ meter: "token", price: { model: "dynamic" }, holdPerHour: tokensHeldPerHour }],
        },
        owner.token,
      ),
    readApp: (answer) => {
      const { provider, apiKey } = answer as { provider: { id: string }; apiKey: string };
      return { id: provider.id, apiKey };
    },
    registerWebhook: (app, url, events) => keyed("/v1/provider/webhooks", { url, events }, app.apiKey),
    readWebhook: (answer) => (answer as { webhook: { id: string; secret: string } }).webhook,
    verifyWebhook: isSigned,
    readEvent: (_headers, event) => {
      const { id, type, timestamp } = event as { id: string; type: string; timestamp: string };
      return { id, type, at: Date.parse(timestamp) };
    },
    catalogue: () => get("/v1/providers"),
    balance: (user) => get("/v1/tokens/balance", user.token),
    readBalance: (answer) => (answer as { balance: number }).balance,
    transactions: (user, limit, offset) => get(`/v1/tokens/transactions?limit=${limit}&offset=${offset}`, user.token),
    readTransactions: (answer) =>
      (answer as { transactions: { amount: number }[] }).transactions.map(({ amount }) => amount),
    createSession: (user, app, durationMinutes) =>
      keyed("/v1/sessions/create", { providerId: app.id, durationMinutes }, user.token),
    readSession: (answer) => {
      const { session } = answer as { session: { id: string; tokensAllocated: number; redirectUrl: string } };
      const jwt = new URL(session.redirectUrl).searchParams.get("marketplace_session")!;
      return { id: session.id, allocated: session.tokensAllocated, jwt };
    },
    startSession: (session) => post(SYNC, { action: "start", nonce: session.id }, session.jwt),
    readStart: (answer) => ({ token: (answer as { sessionToken: string }).sessionToken }),
    heartbeat: (session) => post(SYNC, { action: "heartbeat" }, session.token),
    report: (app, { session, amount, key }) =>
      post(REPORT, { sessionId: session.id, amount, idempotencyKey: key }, app.apiKey),
    reportBatch: (app, events) =>
      post(
        REPORT,
        { events: events.map(({ session, amount, key }) => ({ sessionId: session.id, amount, idempotencyKey: key })) },
        app.apiKey,
      ),
    readBatch: (answer) =>
      (answer as { results: { status: string }[] }).results.map(({ status }) => status === "accepted"),
    // The provider's final word settles at once; the person's own end would wait 15 s for late reports.
    complete: (_user, session, app) =>
      post(SYNC, { action: "complete", sessionId: session.id, final: true }, app.apiKey),
    readComplete: (answer) => {
      const { session } = answer as { session: { tokensConsumed: number; tokensRefunded: number } };
      return { consumed: session.tokensConsumed, refunded: session.tokensRefunded };
    },
    client: (baseUrl, { apiKey }) => {
      const { tokens } = new Marketplace({ apiKey, baseUrl });
      return async ({ session, amount, key }) => {
        await tokens.consume({ sessionId: session.id, amount, idempotencyKey: key });
      };
    },
    socket: (session) => ({
      path: `/v1/provider/sessions/${session.id}/live`,
      protocols: ["mp.session.v1", session.token!],
      headers: { Origin: APP_ORIGIN },
    }),
  };
  return adapter;
}
