// A marketplace for the adapters' tests: it signs launch tokens, lets each be redeemed once, and knows which sessions run.

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { LAUNCH_SECONDS, LAUNCH_TOKEN_TYPE, type SyncRequest } from "../../../sdk/src/protocol/session.ts";
import { signWebhook } from "../../../sdk/src/server/marketplace.ts";
import { fakeApi, type FakeApi } from "../fake-api.ts";

export const ISSUER = "https://market.example";
export const PROVIDER_ID = "app-1";
export const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const COOKIE_SECRET = "a cookie secret of an app in a test";
export const APP_PAGE = `${ISSUER}/apps/${PROVIDER_ID}`;

export interface Market {
  api: FakeApi;
  close: () => void;
  /** Sessions by id; change one to end it. */
  sessions: Map<string, { status: string; nonce?: string }>;
  /** Answers with nothing but broken lines while true. */
  isAway: boolean;
  /** The path of a launch link for a new session. */
  launch(over?: {
    providerId?: string;
    returnUrl?: string;
    path?: string;
  }): Promise<{ path: string; sessionId: string }>;
  webhook(type: string, sessionId: string): Promise<{ body: string; headers: Record<string, string> }>;
}

/** @param audience Host of the app, port included. */
export async function market(audience: string): Promise<Market> {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256", use: "sig" };
  const sessions: Market["sessions"] = new Map();
  let count = 0;

  let close = () => {};
  const api = await fakeApi(
    ({ path, headers, body }) => {
      if (self.isAway) return { hangUp: true };
      if (path === "/.well-known/jwks.json") return { body: { keys: [jwk] } };
      if (path === "/v1/provider/tokens/report")
        return { body: { results: (body as { events: unknown[] }).events.map(() => ({ status: "accepted" })) } };
      const { action, nonce, sessionId } = body as SyncRequest;
      const bearer = String(headers.authorization).slice("Bearer ".length);
      const id = action === "start" ? sessionOfToken(bearer) : sessionId!;
      const session = sessions.get(id);
      if (!session) return { status: 404, body: { code: "session_not_found", detail: "There is no such session." } };
      if (action === "complete") session.status = "completed";
      const state = { session: { id, status: session.status } };
      if (action !== "start") return { body: state };
      if (session.nonce !== undefined && session.nonce !== nonce)
        return { status: 409, body: { code: "launch_token_used", detail: "This link was used." } };
      Object.assign(session, { nonce, status: "active" });
      return { body: { session: { id, status: "active" }, sessionToken: `session-token-of-${id}` } };
    },
    (how) => (close = how),
  );

  const self: Market = {
    api,
    close,
    sessions,
    isAway: false,
    async launch({ providerId = PROVIDER_ID, returnUrl = `${ISSUER}/session/complete`, path = "/work?tab=2" } = {}) {
      const sessionId = `session-${++count}`;
      sessions.set(sessionId, { status: "pending" });
      const now = Math.floor(Date.now() / 1000);
      const token = await new SignJWT({ provider_id: providerId, session_id: sessionId, user_id: `person-${count}` })
        .setProtectedHeader({ alg: "ES256", typ: LAUNCH_TOKEN_TYPE, kid: "k1" })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(`person-${count}`)
        .setJti(`jti-${count}`)
        .setIssuedAt(now)
        .setExpirationTime(now + LAUNCH_SECONDS)
        .sign(privateKey);
      const query = new URLSearchParams({ marketplace_session: token, return_url: returnUrl, state: "st" });
      return { path: `${path}${path.includes("?") ? "&" : "?"}${query}`, sessionId };
    },
    async webhook(type, sessionId) {
      const id = `event-${++count}`;
      // Spaces that a parser would not give back: the signature covers the bytes.
      const body = `{ "id": "${id}",  "type": "${type}", "data": { "sessionId": "${sessionId}" } }`;
      return {
        body,
        headers: { "Content-Type": "application/json", ...(await signWebhook({ id }, body, WEBHOOK_SECRET)) },
      };
    },
  };
  return self;
}

const sessionOfToken = (token: string): string =>
  (JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { session_id: string }).session_id;
