// Accounts a person has at apps: what connecting would mean, off and back, and taking it back.

import { call } from "./api.ts";

const part = encodeURIComponent;

export interface Connection {
  providerId: string;
  providerName: string;
  providerUserId: string;
  authMethod: "oidc" | "oauth2" | "api_key";
  scopes: string[];
  status: "active" | "broken";
  tokenExpiresAt: string | null;
  connectedAt: string;
}
export interface ConnectionOffer {
  providerId: string;
  providerName: string;
  protocol: Connection["authMethod"];
  scopes: string[];
  /** The host the person is sent to. */
  server: string;
  connection: Connection | null;
}

export const listConnections = () =>
  call<{ connections: Connection[] }>("/v1/connections").then((answer) => answer.connections);
export const getOffer = (providerId: string) =>
  call<{ offer: ConnectionOffer }>(`/v1/connections/${part(providerId)}`).then((answer) => answer.offer);
export const startConnection = (providerId: string) =>
  call<{ url: string }>(`/v1/connections/${part(providerId)}/start`, { method: "POST", unkeyed: true }).then(
    (answer) => answer.url,
  );
/** Once: the server uses an answer up, so it is never sent again by itself. */
export const finishConnection = (providerId: string, query: string) =>
  call<{ connection: Connection }>(`/v1/connections/${part(providerId)}/callback`, {
    method: "POST",
    body: { query },
    unkeyed: true,
  }).then((answer) => answer.connection);
export const connectWithKey = (providerId: string, apiKey: string) =>
  call<{ connection: Connection }>(`/v1/connections/${part(providerId)}`, { method: "PUT", body: { apiKey } }).then(
    (answer) => answer.connection,
  );
export const disconnect = (providerId: string) =>
  call<{ isRevokedThere: boolean }>(`/v1/connections/${part(providerId)}`, { method: "DELETE" });
