// A provider's signed quote for a price it sets itself: checked here, and turned into the cap of one session. Beyond it
// every report is refused, because the frozen price of the session holds for no more. docs/decisions/0032-signed-quotes.md.

import { importJWK, jwtVerify, type JWK } from "jose";
import {
  QUOTE_DESCRIPTION_MAX,
  QUOTE_SECONDS_MAX,
  QUOTE_TOKEN_TYPE,
  type ProviderQuoteClaims,
} from "../../sdk/src/protocol/quote.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import type { PriceComponent } from "../pricing/components.ts";
import { readMicro } from "../pricing/decimal.ts";
import { HOLD_PER_HOUR_MAX } from "../pricing/parse-pricing.ts";
import { readQuoteKey } from "./quote-store.ts";

export const QUOTE_LENGTH_MAX = 2_048;
const ID_MAX = 100;

export interface AcceptedQuote {
  id: string;
  /** As it was signed: kept with the session. */
  token: string;
  meter: string;
  cap: string;
  description: string | null;
  expiresAt: Millis;
  /** The price of the session: the app's, with this cap in place of what is held for an hour. */
  components: PriceComponent[];
}

/**
 * Check a quote for a session with `providerId`.
 * @param subject The person's pairwise id with this app; null where it is not known yet, which refuses a quote that names one.
 * @throws DomainError `provider_quote_invalid`, always; the message says what to tell the provider.
 */
export async function acceptQuote(
  env: { DB: D1Database; WEB_ORIGIN: string },
  token: string,
  session: { providerId: string; subject: string | null; components: readonly PriceComponent[] },
  now: Millis,
): Promise<AcceptedQuote> {
  const claims = await verifiedClaims(env, token, session.providerId, now);
  const { meter, cap, jti, sub, description } = claims;
  if (typeof jti !== "string" || jti.length === 0 || jti.length > ID_MAX) throw invalid("It needs an id (jti).");
  if (sub !== undefined && sub !== session.subject) throw invalid("It was made for somebody else.");
  const micro = typeof cap === "string" ? readMicro(cap) : null;
  if (micro === null || micro === 0 || micro > HOLD_PER_HOUR_MAX * 1_000_000)
    throw invalid("Its cap must be a decimal above 0 with at most six decimals.");
  if (description !== undefined && (typeof description !== "string" || description.length > QUOTE_DESCRIPTION_MAX))
    throw invalid(`Its description must be text of at most ${QUOTE_DESCRIPTION_MAX} characters.`);
  const priced = session.components.find((component) => component.meter === meter);
  if (priced?.price.model !== "dynamic")
    throw invalid("It is for a meter that this app does not price with the model dynamic.");
  return {
    id: jti,
    token,
    meter,
    cap,
    description: description ?? null,
    expiresAt: claims.exp * 1000,
    components: session.components.map((component) => (component === priced ? { ...component, cap } : component)),
  };
}

async function verifiedClaims(
  env: { DB: D1Database; WEB_ORIGIN: string },
  token: string,
  providerId: string,
  now: Millis,
): Promise<ProviderQuoteClaims> {
  const jwk = token.length <= QUOTE_LENGTH_MAX ? await readQuoteKey(env.DB, providerId) : null;
  if (!jwk) throw invalid("This app has no key for quotes, or the quote is too long.");
  try {
    const { payload } = await jwtVerify(token, await importJWK(JSON.parse(jwk) as JWK, "ES256"), {
      algorithms: ["ES256"],
      typ: QUOTE_TOKEN_TYPE,
      issuer: providerId,
      audience: env.WEB_ORIGIN,
      currentDate: new Date(now),
      maxTokenAge: QUOTE_SECONDS_MAX,
      requiredClaims: ["jti", "iat", "exp", "meter", "cap"],
    });
    if (payload.exp! - payload.iat! > QUOTE_SECONDS_MAX) throw new Error("valid for too long");
    return payload as unknown as ProviderQuoteClaims;
  } catch {
    throw invalid("Its signature, its app or its time do not hold.");
  }
}

const invalid = (why: string): DomainError =>
  new DomainError(
    "provider_quote_invalid",
    `This quote cannot be used; nothing was held. ${why} Ask the app for another.`,
  );

/** A public P-256 key and nothing else. @throws DomainError `invalid_request`. */
export async function readPublicJwk(value: unknown): Promise<string> {
  const { kty, crv, x, y } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const jwk = { kty, crv, x, y };
  try {
    if (kty !== "EC" || crv !== "P-256" || typeof x !== "string" || typeof y !== "string" || "d" in (value as object))
      throw new Error("not a public key");
    await importJWK(jwk as JWK, "ES256");
  } catch {
    const message = "must be a public P-256 key as JWK (kty, crv, x, y), without its private part";
    throw new DomainError("invalid_request", `jwk: ${message}`, { errors: [{ field: "jwk", message }] });
  }
  return JSON.stringify(jwk);
}
