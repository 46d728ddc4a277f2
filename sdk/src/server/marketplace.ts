// The server side of an app on the marketplace: `new Marketplace({ apiKey })`. Keep the key on your server; a page gets
// by with the browser SDK and its session token.

import { DEFAULT_API_ORIGIN, DEFAULT_WEB_ORIGIN } from "../protocol/origins.ts";
import type { LaunchClaims } from "../protocol/session.ts";
import { MarketplaceError } from "./errors.ts";
import { places, REQUESTS_AT_ONCE, type HttpSettings, type ResponseFact } from "./http.ts";
import { cachedKeys, fetchJwks, type KeySource } from "./keys.ts";
import { readLaunchToken } from "./launch-token.ts";
import type { OnRecovered, ReportStore } from "./report-store.ts";
import { sessions, type Sessions } from "./sessions.ts";
import { tokens, type Tokens } from "./tokens.ts";
import { trustedReturnUrl } from "./return-url.ts";
import { webhooks, type Webhooks } from "./webhook-endpoints.ts";

export * from "./errors.ts";
export { signWebhook, verifyWebhook } from "./webhooks.ts";
export type {
  NewWebhook,
  RotatedWebhook,
  Webhook,
  WebhookChange,
  WebhookDelivery,
  Webhooks,
  WebhookWish,
} from "./webhook-endpoints.ts";
export type { ResponseFact } from "./http.ts";
export { createQuoteKey, signQuote } from "./quotes.ts";
export type { QuoteKey, QuoteRequest } from "./quotes.ts";
export type { WebhookHeaders, WebhookSecrets } from "./webhooks.ts";
export type { Tokens, Usage } from "./tokens.ts";
export type { OnRecovered, ReportStore } from "./report-store.ts";
export type { ConsentNeeded, ConsentRequest, SandboxSession, Sessions } from "./sessions.ts";
export type { ErrorCode, Problem } from "../protocol/errors.ts";
export type {
  LaunchClaims,
  ReportResult,
  SessionState,
  SyncRequest,
  SyncResponse,
  UsageReport,
} from "../protocol/session.ts";
export type { WebhookEvent, WebhookEventType } from "../protocol/webhooks.ts";

export interface MarketplaceOptions {
  /** `mk_live_...` or `mk_test_...`. */
  apiKey: string;
  /** Origin of the API. */
  baseUrl?: string;
  /** Origin of the marketplace: `iss` of launch tokens, home of the consent page. */
  issuer?: string;
  /** Your app's id; needed once to check launch tokens and to make consent links. */
  providerId?: string;
  /** Milliseconds for one attempt. Default 30,000. */
  timeout?: number;
  /** Further attempts after the first. Default 4, that is 5 attempts. */
  retries?: number;
  /** Hears of failed background flushes of queued reports. Default: `console.error`. */
  onError?: (error: unknown) => void;
  /**
   * Where queued reports wait, so that they survive the end of this process: `fileStore(path)` of `@meterplace/sdk/node`, or
   * one of your own. What an earlier process left is sent at the start, under the keys it had.
   */
  store?: ReportStore;
  /** Hears the result of each record an earlier process had queued; for your log. */
  onRecovered?: OnRecovered;
  /** Hears of every answer, retries included: for your log, with the request id that support asks for. */
  onResponse?: (fact: ResponseFact) => void;
  /** For tests and unusual runtimes. */
  fetch?: typeof fetch;
  sleep?: (ms: number) => Promise<void>;
  random?: () => number;
  now?: () => number;
}

const TIMEOUT_DEFAULT_MS = 30_000;
const RETRIES_DEFAULT = 4;

export class Marketplace {
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly webhooks: Webhooks;
  /** Origin of the marketplace. */
  readonly issuer: string;
  readonly providerId: string | undefined;
  readonly #now: () => number;
  readonly #keys: KeySource;

  constructor(options: MarketplaceOptions) {
    if (!options.apiKey) throw new MarketplaceError("configuration", "Marketplace needs an apiKey.");
    const baseUrl = new URL(options.baseUrl ?? DEFAULT_API_ORIGIN).origin;
    const http: HttpSettings = {
      baseUrl,
      apiKey: options.apiKey,
      timeoutMs: options.timeout ?? TIMEOUT_DEFAULT_MS,
      retries: options.retries ?? RETRIES_DEFAULT,
      // Called as a free function: some runtimes refuse `fetch` with another `this`.
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      sleep: options.sleep ?? ((ms) => new Promise((resume) => setTimeout(resume, ms))),
      random: options.random ?? Math.random,
      takePlace: places(REQUESTS_AT_ONCE),
      onResponse: options.onResponse ?? (() => {}),
    };
    this.issuer = new URL(options.issuer ?? DEFAULT_WEB_ORIGIN).origin;
    this.providerId = options.providerId;
    this.#now = options.now ?? Date.now;
    this.#keys = cachedKeys(() => fetchJwks(http, `${baseUrl}/.well-known/jwks.json`));
    this.sessions = sessions(http, { issuer: this.issuer, providerId: options.providerId });
    this.tokens = tokens(
      http,
      this.#now,
      options.onError ?? ((error) => console.error("meterplace: reports wait", error)),
      options.store && { store: options.store, onRecovered: options.onRecovered ?? (() => {}) },
    );
    this.webhooks = webhooks(http, this.#now);
  }

  /**
   * Where a person goes at the end. The address came through the browser, so only the marketplace's own is taken;
   * anything else becomes the marketplace's page for a finished session.
   */
  returnUrl(given: string | null | undefined, session?: { id: string; state?: string | null }): string {
    return trustedReturnUrl(given, this.issuer, session);
  }

  /**
   * Check a launch token without asking the marketplace (its public keys are cached). Good for showing a page to the
   * right person early; it admits nobody, because it cannot know whether the token was used before.
   *
   * @param expected `audience`: the host of your app's URL. `providerId` defaults to the client's.
   * @throws LaunchTokenError; ConnectionError when the keys were never fetched and cannot be.
   */
  async verifyLaunchToken(token: string, expected: { audience: string; providerId?: string }): Promise<LaunchClaims> {
    const providerId = expected.providerId ?? this.providerId;
    if (!providerId) throw new MarketplaceError("configuration", "verifyLaunchToken needs your providerId.");
    return readLaunchToken(
      token,
      { issuer: this.issuer, audience: expected.audience, providerId, now: this.#now() },
      this.#keys,
    );
  }
}
