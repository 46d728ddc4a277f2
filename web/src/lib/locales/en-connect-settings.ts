// The words an owner sets connections up with, in English.

export const enConnectSettings = {
  title: "Connected accounts",
  lead: "People can connect the accounts they have at your app. Say how your server is spoken to; it is tried when you save.",
  protocol: "Protocol",
  protocols: { oidc: "OpenID Connect", oauth2: "OAuth 2.0", api_key: "API key of the person" },
  redirect: "Register exactly this redirect address at your server",
  issuer: "Issuer",
  issuerHint: "https, without a path unless your server has one. Its configuration is read at once.",
  authorizationEndpoint: "Authorization endpoint",
  tokenEndpoint: "Token endpoint",
  revocationEndpoint: "Revocation endpoint, if there is one",
  profileEndpoint: "Address of the person's profile (JSON)",
  subjectField: "Member of it that says who the person is",
  headerName: "Header the key is sent in",
  headerPrefix: "What stands before the key",
  clientId: "Client id",
  clientSecret: "Client secret",
  secretHint: "Kept encrypted and never shown. Leave it empty to keep the one you gave.",
  scopes: "Scopes, separated by spaces",
  save: "Save and try it",
  saved: "Saved. People can connect now.",
  page: "Where people connect",
  remove: "Stop offering connections",
  removed: "Not offered any more. Who is connected stays so until they disconnect.",
  failed: "The settings could not be loaded.",
};
export type ConnectSettingsWords = typeof enConnectSettings;
