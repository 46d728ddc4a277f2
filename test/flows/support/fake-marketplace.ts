// A marketplace that only exists in the browser's network layer, for stories about the SDK alone: it answers `sync` from a
// state the test sets, serves the scripts as the Worker would, and keeps every request. Time is the test's own.

import { expect, type BrowserContext, type Page, type Route } from "@playwright/test";
import { buildScript, SCRIPTS } from "../../../sdk/build.ts";
import { DEFAULT_API_ORIGIN, DEFAULT_WEB_ORIGIN } from "../../../sdk/src/protocol/origins.ts";
import type { SessionState, SyncRequest } from "../../../sdk/src/protocol/session.ts";

export const APP = "https://app.example";
export const API = "https://api.market.example";
export const MARKET = "https://market.example";
export const PROVIDER_ID = "0199c3f0-0000-7000-8000-00000000a001";
export const SESSION_ID = "0199c3f0-0000-7000-8000-00000000b001";
export const SESSION_TOKEN = token({ session_id: SESSION_ID, provider_id: PROVIDER_ID });
const STARTED_AT = Date.parse("2026-11-01T12:00:00.000Z");

/** The strictest policy an app can have and still load a script of ours. */
const CSP = [
  "default-src 'none'",
  `script-src 'self' ${API}`,
  `connect-src 'self' ${API} ${API.replace("https", "wss")}`,
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

export interface Heard extends SyncRequest {
  bearer: string;
  /** Address of the page that asked, at that moment. */
  pageUrl: string;
}

/** A token the page can read; nobody checks its signature there. */
export function token(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "ES256" })}.${part(claims)}.c2lnbmF0dXJl`;
}

export const launchToken = (claims: Record<string, unknown> = {}): string =>
  token({ session_id: SESSION_ID, provider_id: PROVIDER_ID, duration_limit: 3600, ...claims });

export class FakeMarketplace {
  readonly heard: Heard[] = [];
  /** Set to cut the line: requests fail as they do without a network. */
  isDown = false;
  /** The app's own server, at an origin of its own: what it answers, and what it heard. */
  backend: { origin: string; answer: unknown; heard?: string[] } | undefined;
  #held: Promise<void> = Promise.resolve();
  /** Instead of the ordinary answer to the next requests, by action. */
  refusals: Partial<Record<SyncRequest["action"], { status: number; body: Record<string, unknown> }>> = {};
  state: SessionState = {
    id: SESSION_ID,
    providerId: PROVIDER_ID,
    mode: "test",
    status: "active",
    endReason: null,
    pauseCause: null,
    warning: false,
    durationSeconds: 3600,
    activeSeconds: 0,
    remainingSeconds: 3600,
    tokensAllocated: 500,
    tokensConsumed: 0,
    tokensRefunded: null,
    settlement: "open",
    nextBeatDue: null,
    startedAt: new Date(STARTED_AT).toISOString(),
    endedAt: null,
    serverTime: new Date(STARTED_AT).toISOString(),
  };
  #serverSeconds = 0;

  /** What the next answers say, besides a server clock that moves on. */
  set(facts: Partial<SessionState>): void {
    this.state = { ...this.state, ...facts };
  }
  /** Lets requests wait for their answers until the function it gives back is called. */
  hold(): () => void {
    let release = () => {};
    this.#held = new Promise((resolve) => (release = resolve));
    return release;
  }
  actions = (): string[] => this.heard.map((request) => request.action);

  async serve(
    context: BrowserContext,
    options: { boot: string; head?: string; trustedTypes?: string; policy?: string },
  ): Promise<void> {
    const strict = this.backend ? CSP.replace("connect-src", `connect-src ${this.backend.origin}`) : CSP;
    const policy = options.policy ?? `${strict}; trusted-types ${options.trustedTypes ?? "'none'"}`;
    // A network that lets no socket through, unless a story brings one (fake-socket.ts): beats are requests.
    await context.routeWebSocket(/\/live$/, (socket) => socket.close({ code: 1011 }));
    await context.route("**/*", async (route) => {
      const url = new URL(route.request().url());
      if (url.origin === API || url.pathname === "/sdk.js") return this.#answerApi(route, url);
      if (url.origin === this.backend?.origin) return this.#answerBackend(route, url);
      if (url.origin === APP && url.pathname === "/boot.js")
        return route.fulfill({ contentType: "text/javascript", body: options.boot });
      if (url.origin === APP && url.pathname === "/own-api")
        return route.fulfill({ status: 401, json: { error: "SESSION_EXPIRED" } });
      const head = url.origin === APP ? (options.head ?? scriptTags()) : "";
      await route.fulfill({
        contentType: "text/html",
        headers: url.origin === APP ? { "Content-Security-Policy": policy } : {},
        body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${url.host}</title>${head}<main><h1>${url.host}</h1><p>An app.</p></main></html>`,
      });
    });
  }

  async #answerBackend(route: Route, url: URL): Promise<void> {
    const request = route.request();
    const headers = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "authorization" };
    if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    const { heard = [] } = this.backend!;
    this.backend!.heard = [...heard, `${request.method()} ${url.pathname} ${request.headers().authorization}`];
    await route.fulfill({ headers, json: this.backend!.answer });
  }

  async #answerApi(route: Route, url: URL): Promise<void> {
    const cors = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };
    const request = route.request();
    const script = url.pathname.split("/").at(-1) as keyof typeof SCRIPTS;
    if (script in SCRIPTS)
      return route.fulfill({ contentType: "text/javascript", headers: cors, body: await scriptText(script) });
    if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers: cors });
    if (this.isDown) return route.abort("internetdisconnected");
    const body = request.postDataJSON() as SyncRequest;
    const bearer = (request.headers().authorization ?? "").replace("Bearer ", "");
    this.heard.push({ ...body, bearer, pageUrl: request.frame().url() });
    await this.#held;
    const refusal = this.refusals[body.action];
    if (refusal) return route.fulfill({ status: refusal.status, headers: cors, json: refusal.body });
    const sessionToken = body.action === "start" ? SESSION_TOKEN : undefined;
    await route.fulfill({ headers: cors, json: { session: this.#obey(body), sessionToken } });
  }

  /** The server's clock goes on. */
  later(): string {
    this.#serverSeconds += 1;
    const serverTime = new Date(STARTED_AT + this.#serverSeconds * 1000).toISOString();
    this.set({ serverTime });
    return serverTime;
  }

  #obey({ action }: SyncRequest): SessionState {
    const serverTime = this.later();
    if (action === "pause") this.set({ status: "paused", pauseCause: "page" });
    if (action === "resume") this.set({ status: "active", pauseCause: null });
    if (action === "complete") this.set({ status: "completed", endReason: "user_ended", endedAt: serverTime });
    return this.state;
  }
}

/** Time stands in every page, until the test lets it run. */
export async function stopClock(context: BrowserContext): Promise<void> {
  await context.clock.install({ time: STARTED_AT });
  await context.clock.pauseAt(STARTED_AT + 1000);
}

export const scriptTags = (script = "sdk.js"): string =>
  `<script src="/boot.js"></script><script async crossorigin src="${API}/${script}"></script>`;

/** A page script that starts the SDK with these options and keeps what it hears in `heard`. */
export const bootScript = (options = ""): string => `
  window.heard = [];
  const keep = (name) => (fact) => window.heard.push([name, fact && (fact.code ?? fact.status ?? fact)]);
  window.MarketplaceSDK = window.MarketplaceSDK || { q: [] };
  MarketplaceSDK.q.push((sdk) => {
    window.session = sdk.create({
      providerId: ${JSON.stringify(PROVIDER_ID)},
      onReady: keep("ready"), onPaused: keep("paused"), onResumed: keep("resumed"), onWarning: keep("warning"),
      onEnded: keep("ended"), onOffline: keep("offline"), onOnline: keep("online"), onError: keep("error"),
      onNosession: keep("nosession"), onBalance: keep("balance"),
      ${options}
    });
  });`;

export const launchUrl = (claims: Record<string, unknown> = {}, returnUrl = `${MARKET}/session/complete`): string => {
  const url = new URL(`${APP}/tool?tab=2#part`);
  url.searchParams.set("marketplace_session", launchToken(claims));
  url.searchParams.set("return_url", returnUrl);
  url.searchParams.set("state", "opaque-state");
  return url.href;
};

/** Waits until the page has taken in the newest answer: its next beat counts from there. */
export const caughtUp = (page: Page, market: FakeMarketplace): Promise<void> =>
  // Asked from outside: a wait inside the page is an eval there, which its content policy refuses.
  expect.poll(() => page.evaluate("session.state?.serverTime"), { intervals: [50] }).toBe(market.state.serverTime);

/**
 * Lets the page's clock run until it has gone to `address`. Once is not enough: the redirect is set when the answer comes,
 * and an answer that comes after the clock has stopped again would wait for ever.
 */
export const goesTo = (page: Page, address: string | RegExp): Promise<void> =>
  expect(async () => {
    await page.clock.runFor(100);
    await expect(page).toHaveURL(address, { timeout: 500 });
  }).toPass({ timeout: 30_000, intervals: [50] });

/** What the page's handlers heard: [event, code or status]. */
export const heardBy = (page: Page): Promise<[string, unknown][]> => page.evaluate("window.heard");

const texts = new Map<keyof typeof SCRIPTS, Promise<string>>();

function scriptText(name: keyof typeof SCRIPTS): Promise<string> {
  const known = texts.get(name);
  if (known) return known;
  const text = buildScript(name).then((built) =>
    built.replaceAll(DEFAULT_API_ORIGIN, API).replaceAll(DEFAULT_WEB_ORIGIN, MARKET),
  );
  texts.set(name, text);
  return text;
}
