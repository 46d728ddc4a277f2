// Sessions from the provider's server. Time itself is attested by the page (browser SDK); a server may look, pause, end.

import type { SessionState, SyncRequest, SyncResponse } from "../protocol/session.ts";
import { MarketplaceError } from "./errors.ts";
import { send, type HttpSettings } from "./http.ts";

export interface ConsentRequest {
  /** Ignored by the marketplace: it knows the signed-in person itself. Kept so that older samples run. */
  userId?: string;
  /** Seconds; the person may choose otherwise. */
  estimatedDuration?: number;
  /** For your own log; the marketplace computes the price from your price list. */
  estimatedTokens?: number;
}
export interface ConsentNeeded {
  /** No session exists before the person agrees on the marketplace. */
  id: null;
  status: "consent_needed";
  /** Send the person here, full page; they come back to your app URL with a launch token. */
  consentUrl: string;
}

export interface SandboxSession {
  id: string;
  redirectUrl: string;
}

export interface Sessions {
  /** A session spends a person's tokens, so only they can start one: this answers with the page that asks them. */
  create(request?: ConsentRequest): Promise<ConsentNeeded>;
  /** Redeem a launch token on your server instead of in the page. `nonce`: the same one replays the answer for 60 s. */
  start(launch: { launchToken: string; nonce: string }): Promise<SyncResponse & { sessionToken: string }>;
  get(sessionId: string): Promise<SessionState>;
  /** With a test key: a session of your own app, everything real but the money. Open `redirectUrl` in a browser. */
  createSandbox(options?: { durationMinutes?: number }): Promise<SandboxSession>;
  /** The clock stands until the page resumes it. */
  pause(sessionId: string): Promise<SyncResponse>;
  /**
   * End the session. `final: true` says that no more usage will be reported, so it settles at once.
   * `reason: "provider_error"` says your app failed: the person pays nothing.
   */
  complete(sessionId: string, options?: Pick<SyncRequest, "final" | "reason">): Promise<SyncResponse>;
  /** The endpoint itself, for what the calls above do not cover. */
  sync(request: SyncRequest): Promise<SyncResponse>;
}

export function sessions(http: HttpSettings, marketplace: { issuer: string; providerId?: string }): Sessions {
  const sync = (request: SyncRequest, bearer?: string) =>
    send<SyncResponse>(http, { method: "POST", path: "/v1/provider/sessions/sync", body: request, bearer });

  return {
    create(request = {}) {
      const path = marketplace.providerId ? `/apps/${encodeURIComponent(marketplace.providerId)}` : "/apps";
      const url = new URL(path, marketplace.issuer);
      if (request.estimatedDuration) url.searchParams.set("minutes", String(Math.ceil(request.estimatedDuration / 60)));
      return Promise.resolve({ id: null, status: "consent_needed", consentUrl: url.href });
    },
    async start({ launchToken, nonce }) {
      const answer = await sync({ action: "start", nonce }, launchToken);
      if (!answer.sessionToken) throw new MarketplaceError("unreadable_answer", "The answer has no session token.");
      return { ...answer, sessionToken: answer.sessionToken };
    },
    get: async (sessionId) => (await sync({ action: "get", sessionId })).session,
    async createSandbox(options = {}) {
      const answer = await send<{ session: SandboxSession }>(http, {
        method: "POST",
        path: "/v1/provider/sandbox/sessions",
        body: options,
        idempotencyKey: crypto.randomUUID(),
      });
      return answer.session;
    },
    pause: (sessionId) => sync({ action: "pause", sessionId }),
    complete: (sessionId, options = {}) => sync({ action: "complete", sessionId, ...options }),
    sync: (request) => sync(request),
  };
}
