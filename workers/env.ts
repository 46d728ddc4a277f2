// What the Worker is bound to and told. One place; wrangler.toml declares it, scripts/start.ts makes the local secrets.

import type { AiBinding } from "../domain/gateways/workers-ai.ts";
import type { CatalogueIndex } from "../durable-objects/catalogue-index.ts";
import type { LedgerWriter } from "../durable-objects/ledger-writer.ts";
import type { MeteredSession } from "../durable-objects/session.ts";
import type { UserChannel } from "../durable-objects/user-channel.ts";

export interface Env {
  DB: D1Database;
  SESSIONS: DurableObjectNamespace<MeteredSession>;
  LEDGER: DurableObjectNamespace<LedgerWriter>;
  USERS: DurableObjectNamespace<UserChannel>;
  CATALOGUE: DurableObjectNamespace<CatalogueIndex>;
  /** Hints that the catalogue changed; they carry nothing. */
  CATALOGUE_CHANGES: Queue<Record<string, never>>;
  /** Files of the Worker itself, not served to anyone: the sentence encoder. */
  ASSETS: Fetcher;
  /** "off" in tests that do not search by meaning: the encoder costs seconds of CPU. */
  EMBEDDINGS?: "on" | "off";
  /** Sessions whose use Stripe's billing meter is to be told, where that is switched on. */
  USE_METER: Queue<{ sessionId: string }>;
  /** Workers AI; locally workers/local-ai.ts, which has no model. */
  AI: AiBinding;
  /** Models that speak, in the order they are asked, separated by commas; the setting `chatModels` overrules it. Unset: none. */
  AI_MODELS?: string;
  /** The model that works out meanings beside our own encoder. Unset: none. */
  AI_EMBEDDING_MODEL?: string;
  /** An AI Gateway all calls of Workers AI go through. Unset: none. */
  AI_GATEWAY_ID?: string;
  /** A server of one's own that speaks OpenAI's chat completions, asked instead of Workers AI: `http://localhost:11434/v1`. */
  LLM_BASE_URL?: string;
  LLM_API_KEY?: string;
  LLM_MODEL?: string;
  /** "off" in tests and simulations, whose apps are nowhere. */
  AVAILABILITY_CHECKS?: "on" | "off";
  WEBHOOKS: Queue<{ outboxId?: string; deliveryId?: string }>;

  /** Local only: the way out, to public and loopback addresses whatever a name resolves to. In production that is what
   * `fetch` itself does. */
  EGRESS?: Fetcher;

  /** "local" or "production". Local allows loopback receivers and app URLs; production refuses them. */
  ENVIRONMENT: "local" | "production";
  /** Origin of this API, no slash at the end. Issuer's audience for session and access tokens. */
  API_ORIGIN: string;
  /** Origin of the PWA, no slash at the end; `iss` of launch tokens and home of return_url. */
  WEB_ORIGIN: string;
  /** "off" for tests and load, local only. */
  RATE_LIMITS?: "on" | "off";

  /** JWKS with private ES256 keys, the first one signs (JSON). Older ones stay until what they signed has expired. */
  SIGNING_KEYS: string;
  /** 32 random bytes, base64: seals answers and third-party tokens at rest (AES-256-GCM). */
  DATA_KEY: string;
  /** At least 32 random bytes, base64: derives successors of refresh tokens and better-auth's own secret. */
  AUTH_SECRET: string;

  /** Our key toward browsers' push services, JSON of base64url `publicKey` and `privateKey` (P-256). Unset: devices are told nothing. */
  PUSH_KEYS?: string;

  STRIPE_SECRET_KEY: string;
  STRIPE_WEBHOOK_SECRET: string;
  /** Of the second endpoint, for events of connected accounts. Unset: accounts are asked for when it matters. */
  STRIPE_CONNECT_WEBHOOK_SECRET?: string;
  /** Local only: where the stand-in listens. Refused unless loopback and the key is a test key. */
  STRIPE_API_BASE?: string;
}

/** For load tests. Production never honours it. */
export const areLimitsOff = (env: Env): boolean => env.RATE_LIMITS === "off" && env.ENVIRONMENT === "local";
