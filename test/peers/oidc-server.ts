// A real OpenID provider on a loopback port: oidc-provider, with consent given by itself. For tests in Node.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export interface Peer {
  issuer: string;
  /** Follow an authorization from its URL to the callback, as a browser would that is signed in and says yes. */
  authorize(url: string): Promise<URL>;
  stop(): Promise<void>;
}

export const CLIENT = { id: "meterplace", secret: "a secret of the peer's own, long enough for it" };

export async function startPeer(redirectUris: string[], accessTokenSeconds = 3_600): Promise<Peer> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: redirectUris,
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    ],
    scopes: ["openid", "offline_access", "profile"],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    issueRefreshToken: async () => true,
    rotateRefreshToken: () => true,
    ttl: {
      AccessToken: accessTokenSeconds,
      Grant: 86_400,
      Session: 86_400,
      RefreshToken: 86_400,
      IdToken: 3_600,
      Interaction: 600,
    },
    cookies: { keys: ["only for a test"] },
    findAccount: async (_context: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
  });
  const answer = provider.callback();
  handle = (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return void answer(request, response);
    void consent(provider, request, response);
  };
  return { issuer, authorize: (url) => follow(url), stop: () => stop(server) };
}

async function consent(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === "login")
    return provider.interactionFinished(request, response, { login: { accountId: "ana-at-the-app" } });
  const grant = grantId
    ? (await provider.Grant.find(grantId))!
    : new provider.Grant({ accountId: session!.accountId, clientId: params.client_id as string });
  grant.addOIDCScope(String(params.scope));
  const consented = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, consented, { mergeWithLastSubmission: true });
}

async function follow(start: string): Promise<URL> {
  const { origin } = new URL(start);
  const cookies = new Map<string, string>();
  let at = new URL(start);
  for (let step = 0; step < 12; step++) {
    if (at.origin !== origin) return at;
    const answer = await fetch(at, {
      redirect: "manual",
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(";");
      const [name, value] = [pair!.slice(0, pair!.indexOf("=")), pair!.slice(pair!.indexOf("=") + 1)];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = answer.headers.get("Location");
    if (!location) throw new Error(`${at.pathname} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    at = new URL(location, at);
  }
  throw new Error("the authorization goes round in circles");
}

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
