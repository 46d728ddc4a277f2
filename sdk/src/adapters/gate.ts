// What all adapters share, over the web's Request and Response: take the launch link, redeem it, keep the visitor in the
// app's own HttpOnly cookie, say who is there, and receive webhooks. The adapters only translate their framework's words.

import { LAUNCH_PARAMS, SESSION_CAP_SECONDS, type SessionState } from "../protocol/session.ts";
import type { WebhookEvent } from "../protocol/webhooks.ts";
import type { Marketplace } from "../server/marketplace.ts";
import type { WebhookSecrets } from "../server/webhooks.ts";
import { expiredCookie, readCookie, setCookie } from "./cookies.ts";
import { refusalPage, type Refusal } from "./refusal-page.ts";
import { cookieSeal, type Visitor } from "./session-cookie.ts";
import { sessionStates, type Heard } from "./session-states.ts";

export interface GateOptions {
  /** With `providerId`: a launch token of another app on the same host is refused. */
  marketplace: Marketplace;
  /** The app's URL as it is registered: its host is the audience of launch tokens. */
  appUrl: string;
  /** At least 32 characters, the same on all your servers. A list while you change it, the new one first. */
  cookieSecret: string | readonly string[];
  /** Where the adapter's own addresses lie. Default `/meterplace`: `.../connection-token`, `.../leave`, `.../webhooks`. */
  path?: string;
  /** Of your webhook endpoint; without it `.../webhooks` is not there. */
  webhookSecret?: WebhookSecrets;
  /** Hears of each webhook that is genuine. Throw to have it sent again. Events may come twice: keep `event.id`. */
  onWebhook?: (event: WebhookEvent) => unknown;
  /** Your own page for a launch link that lets nobody in. */
  onRefused?: (refusal: Refusal, request: Request) => Response | Promise<Response>;
  /** For so many seconds a session's state is believed without asking the marketplace again. Default 15. */
  trustSeconds?: number;
  now?: () => number;
}

/** Who is here. */
export interface VisitorSession {
  id: string;
  /** The person, the same at every visit to this app. */
  userId: string;
  /** Where to send them at the end. */
  returnUrl: string;
  /** As last heard; null while the marketplace has not been reachable since they came. */
  state: SessionState | null;
}

export interface Gate {
  /** Name of the cookie. */
  readonly cookieName: string;
  /** Would `handle` answer this? Without reading the body. */
  owns(method: string, url: URL): boolean;
  /** Null: the request is the app's own. */
  handle(request: Request): Promise<Response | null>;
  /** The running session of this visitor, or null. */
  sessionOf(request: Request): Promise<VisitorSession | null>;
  sessionOfCookie(value: string | undefined): Promise<VisitorSession | null>;
  /** For a visitor without a session: pages go to the app's page on the marketplace, calls get 401 `SESSION_EXPIRED`. */
  refuse(request: Request): Response;
}

const TRUST_DEFAULT_SECONDS = 15;
/** A webhook is under 20 kB. */
export const WEBHOOK_MAX_BYTES = 64 * 1024;
const NONCE_SECONDS = 60;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

export function createGate(options: GateOptions, heard?: Heard): Gate {
  const { marketplace, path = "/meterplace", webhookSecret, now = Date.now } = options;
  const { providerId } = marketplace;
  if (!providerId) throw new TypeError("new Marketplace({ ... }) needs your providerId here.");
  const app = new URL(options.appUrl);
  // Behind a proxy the request says http where the person sees https, so the registered address decides.
  const isSecure = app.protocol === "https:" || !LOOPBACK.test(app.hostname);
  const cookieName = isSecure ? "__Host-meterplace" : "meterplace";
  const nonceName = `${cookieName}-nonce`;
  const secrets = typeof options.cookieSecret === "string" ? [options.cookieSecret] : options.cookieSecret;
  const cookie = cookieSeal(secrets, providerId);
  const states = sessionStates(marketplace, (options.trustSeconds ?? TRUST_DEFAULT_SECONDS) * 1000, heard);
  const marketplacePage = `${marketplace.issuer}/apps/${encodeURIComponent(providerId)}`;

  const visitorOf = (request: Request): Promise<Visitor | null> => visitorOfValue(readCookie(request, cookieName));
  const visitorOfValue = (value: string | undefined): Promise<Visitor | null> =>
    value === undefined ? Promise.resolve(null) : cookie.open(value, now());

  /** Only a request that carried the cookie takes it away: another site's carries none, and must not sign anyone out. */
  const goneCookie = (request: Request): string[] =>
    readCookie(request, cookieName) === undefined ? [] : [expiredCookie(cookieName, isSecure)];

  async function admit(request: Request, url: URL): Promise<Response> {
    // A browser that looks ahead has no person behind it yet, and the link works once.
    if (/prefetch/.test(request.headers.get("sec-purpose") ?? "")) return answer(503, null);
    const take = (name: string) => {
      const value = url.searchParams.get(name);
      url.searchParams.delete(name);
      return value;
    };
    const launchToken = take(LAUNCH_PARAMS.token) ?? "";
    const [given, state] = [take(LAUNCH_PARAMS.returnUrl), take(LAUNCH_PARAMS.state)];
    const nonce = readCookie(request, nonceName) ?? crypto.randomUUID();
    let sessionId: string | undefined;
    try {
      const claims = await marketplace.verifyLaunchToken(launchToken, { audience: app.host });
      sessionId = claims.session_id;
      const { sessionToken } = await marketplace.sessions.start({ launchToken, nonce });
      const visitor: Visitor = {
        sessionId,
        userId: claims.sub,
        sessionToken,
        returnUrl: marketplace.returnUrl(given, { id: sessionId, state }),
        expiresAt: now() + SESSION_CAP_SECONDS * 1000,
      };
      const sealed = setCookie(cookieName, await cookie.seal(visitor), { seconds: SESSION_CAP_SECONDS, isSecure });
      return onward(url, [sealed, expiredCookie(nonceName, isSecure)]);
    } catch (error) {
      const code = codeOf(error);
      if (code === null) throw error;
      // A second click or a reload by the person who is already in.
      if (code === "launch_token_used" && (await visitorOf(request))?.sessionId === sessionId) return onward(url, []);
      const isOurs = isOutage(error);
      const refusal: Refusal = { code, canRetry: isOurs, marketplacePage };
      const page = await (options.onRefused?.(refusal, request) ?? answer(isOurs ? 503 : 403, refusalPage(refusal)));
      // The start may have happened and its answer been lost: the reload asks with the same nonce and hears it.
      if (isOurs) page.headers.append("Set-Cookie", setCookie(nonceName, nonce, { seconds: NONCE_SECONDS, isSecure }));
      return page;
    }
  }

  /** To the same page without what only the launch needed. The path is set, not parsed: `//evil.example` stays a path. */
  function onward(url: URL, cookies: string[]): Response {
    const target = new URL(app.origin);
    target.pathname = url.pathname;
    target.search = url.search;
    return redirect(target.href, cookies);
  }

  async function leave(request: Request): Promise<Response> {
    const visitor = await visitorOf(request);
    if (!visitor) return redirect(marketplacePage, goneCookie(request));
    try {
      await marketplace.sessions.complete(visitor.sessionId);
    } catch (error) {
      // Over already, or out of reach: either way the person goes home, where it can be ended too; without beats the
      // clock stops by itself. A refused key is the app's to mend.
      const { status } = error as { status?: number | null };
      if (status === undefined || status === 401 || status === 403) throw error;
    }
    states.forget(visitor.sessionId);
    return redirect(visitor.returnUrl, [expiredCookie(cookieName, isSecure)]);
  }

  async function receiveWebhook(request: Request): Promise<Response> {
    const body = await readAtMost(request, WEBHOOK_MAX_BYTES);
    if (body === null) return answer(413, null);
    let event: WebhookEvent;
    try {
      event = await marketplace.webhooks.verify(body, request.headers, webhookSecret!);
    } catch (error) {
      if ((error as { code?: string }).code !== "signature_invalid") throw error;
      return Response.json({ code: "signature_invalid" }, { status: 400 });
    }
    if (event.data.sessionId) states.forget(event.data.sessionId);
    await options.onWebhook?.(event);
    return answer(204, null);
  }

  const isLaunch = (method: string, url: URL) => method === "GET" && url.searchParams.has(LAUNCH_PARAMS.token);
  const isAt = (method: string, url: URL, name: string) => method === "POST" && url.pathname === `${path}/${name}`;

  async function sessionOfVisitor(visitor: Visitor | null): Promise<VisitorSession | null> {
    if (!visitor) return null;
    const known = await states.of(visitor.sessionId, now());
    if (known.isOver) return null;
    const { sessionId: id, userId, returnUrl } = visitor;
    return { id, userId, returnUrl, state: known.state };
  }

  return {
    cookieName,
    owns: (method, url) =>
      isLaunch(method, url) ||
      isAt(method, url, "connection-token") ||
      isAt(method, url, "leave") ||
      (webhookSecret !== undefined && isAt(method, url, "webhooks")),
    async handle(request) {
      const url = new URL(request.url);
      const { method } = request;
      if (isLaunch(method, url)) return admit(request, url);
      if (isAt(method, url, "leave")) return leave(request);
      if (isAt(method, url, "connection-token")) {
        const visitor = await visitorOf(request);
        return Response.json(
          { secret: visitor?.sessionToken ?? null },
          { status: visitor ? 200 : 401, headers: { "Cache-Control": "no-store" } },
        );
      }
      if (webhookSecret !== undefined && isAt(method, url, "webhooks")) return receiveWebhook(request);
      return null;
    },
    sessionOf: async (request) => sessionOfVisitor(await visitorOf(request)),
    sessionOfCookie: async (value) => sessionOfVisitor(await visitorOfValue(value)),
    refuse(request) {
      const isPage = request.method === "GET" && /text\/html/.test(request.headers.get("accept") ?? "");
      if (isPage) return redirect(marketplacePage, goneCookie(request));
      const refusal = Response.json(
        { code: "SESSION_EXPIRED", detail: "Start a session on the marketplace first.", startUrl: marketplacePage },
        { status: 401, headers: { "Cache-Control": "no-store" } },
      );
      for (const line of goneCookie(request)) refusal.headers.append("Set-Cookie", line);
      return refusal;
    },
  };
}

/** The code of one of the SDK's errors, or null for any other. By shape: the app may hold another copy of the class. */
function codeOf(error: unknown): string | null {
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  if (typeof code !== "string") return null;
  return code === "launch_token_invalid" && reason === "exp" ? "launch_token_expired" : code;
}

/** The marketplace did not answer, or said "later": nothing is known about the link. */
function isOutage(error: unknown): boolean {
  const { code, status } = error as { code: string; status: number | null };
  if (["connection_failed", "timed_out", "unreadable_answer"].includes(code)) return true;
  return status !== null && (status >= 500 || status === 429);
}

/** The body, or null when it is longer: the rest is not read. */
async function readAtMost(request: Request, limit: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    length += value.length;
    // Left unread, not cancelled: some servers close the line then, and the refusal would never be heard.
    if (length > limit) return null;
    chunks.push(value);
  }
  return joined(chunks);
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function redirect(location: string, cookies: string[]): Response {
  const response = answer(303, null);
  response.headers.set("Location", location);
  for (const cookie of cookies) response.headers.append("Set-Cookie", cookie);
  return response;
}

/** Never kept by anyone between, and its address never told to the next page. */
function answer(status: number, html: string | null): Response {
  const headers = new Headers({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
  if (html !== null) {
    headers.set("Content-Type", "text/html; charset=utf-8");
    headers.set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  }
  return new Response(html, { status, headers });
}
