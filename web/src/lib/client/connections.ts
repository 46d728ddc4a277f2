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

// How an owner's app is connected
export interface ConnectionSettings {
  protocol: Connection["authMethod"];
  issuer: string | null;
  authorizationEndpoint: string | null;
  tokenEndpoint: string | null;
  revocationEndpoint: string | null;
  profileEndpoint: string | null;
  subjectField: string | null;
  headerName: string | null;
  headerPrefix: string | null;
  scopes: string[];
  clientId: string | null;
  hasClientSecret: boolean;
  redirectUri: string | null;
}
const settingsPath = (appId: string) => `/v1/provider/apps/${part(appId)}/connections`;
export const getConnectionSettings = (appId: string) =>
  call<{ settings: ConnectionSettings | null }>(settingsPath(appId)).then((answer) => answer.settings);
export const saveConnectionSettings = (appId: string, body: Record<string, unknown>) =>
  call<{ settings: ConnectionSettings }>(settingsPath(appId), { method: "PUT", body }).then(
    (answer) => answer.settings,
  );
export const removeConnectionSettings = (appId: string) => call<void>(settingsPath(appId), { method: "DELETE" });
