// A provider's signed quote: the most one session may cost at a meter whose amounts the provider sets itself. ES256, made by
// the provider's server, checked by the marketplace against the public key the app has registered.

export const QUOTE_TOKEN_TYPE = "mp-quote+jwt";
/** A quote is valid for a day at most. */
export const QUOTE_SECONDS_MAX = 24 * 60 * 60;
export const QUOTE_DESCRIPTION_MAX = 300;

export interface ProviderQuoteClaims {
  /** The app's id. */
  iss: string;
  /** The marketplace's origin. */
  aud: string;
  /** Chosen by the provider; one quote makes one session. */
  jti: string;
  /** Seconds since the epoch. */
  iat: number;
  exp: number;
  /** Only this person (their pairwise id) may use it; absent: whoever has it. */
  sub?: string;
  /** A meter of the app's price with the model `dynamic`. */
  meter: string;
  /** The most that may be reported in the whole session, decimal text with at most six decimals. */
  cap: string;
  /** What it is for, in words the person reads before the start. */
  description?: string;
}
