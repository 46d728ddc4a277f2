// One identity, whatever protocol it came by (the brief, section 3): what the person sees of a connection, and the signed
// statement of it an app's server can ask for.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { signJwt, type SigningEnv } from "../identity/signing-keys.ts";
import { connectionOfSubject, type Connection } from "./store.ts";

export const connectionView = (it: Connection) => ({
  providerId: it.providerId,
  providerName: it.providerName,
  providerUserId: it.providerUserId,
  authMethod: it.authMethod,
  scopes: it.scope?.split(" ").filter((scope) => scope !== "") ?? [],
  status: it.status,
  tokenExpiresAt: isoOrNull(it.tokenExpiresAt),
  connectedAt: iso(it.createdAt),
});
export type ConnectionView = ReturnType<typeof connectionView>;

export const IDENTITY_TOKEN_TYPE = "mp-identity+jwt";
const IDENTITY_SECONDS = 300;

/** The claims of the brief: `user_id` is the pairwise id, so that two apps cannot find out that they know the same person. */
export interface NormalisedIdentity {
  user_id: string;
  provider: string;
  provider_user_id: string;
  auth_method: Connection["authMethod"];
  tenant_id: string | null;
}

/** @throws DomainError `connection_not_found` where nobody of this id is connected. */
export async function identityOf(
  env: SigningEnv & { DB: D1Database; WEB_ORIGIN: string },
  it: { providerId: string; subject: string },
  now: Millis,
): Promise<{ identity: NormalisedIdentity; status: Connection["status"]; token: string }> {
  const connection = await connectionOfSubject(env.DB, it);
  if (!connection)
    throw new DomainError("connection_not_found", "Nobody your app knows by this id has connected an account.");
  const identity: NormalisedIdentity = {
    user_id: it.subject,
    provider: it.providerId,
    provider_user_id: connection.providerUserId,
    auth_method: connection.authMethod,
    tenant_id: null,
  };
  const issuedAt = Math.floor(now / 1000);
  const claims = {
    ...identity,
    iss: env.WEB_ORIGIN,
    aud: it.providerId,
    sub: it.subject,
    iat: issuedAt,
    exp: issuedAt + IDENTITY_SECONDS,
  };
  return { identity, status: connection.status, token: await signJwt(env, IDENTITY_TOKEN_TYPE, { ...claims }) };
}
