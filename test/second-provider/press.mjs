// Label Press prints barcodes by the piece and rents its desk by the minute. One function from Request to Response; everything
// it knows of the marketplace comes from the guides.

import { barcode, isPrintable } from "./code128.mjs";

const COOKIE = "press_visit";
const METER = "label";
const CLOCK_SLACK_SECONDS = 30;
const KEYS_KEPT_MS = 60 * 60 * 1000;
const WAITS_MS = [1000, 2000, 4000, 8000];
const SIGNATURE_LIVES_SECONDS = 300;
const LABELS_MAX = 100;

export function labelPress(settings) {
  const { api, marketplace, providerId, keys, appUrl, secrets = {} } = settings;
  const fetch = settings.fetch ?? globalThis.fetch;
  const now = settings.now ?? Date.now;
  const wait = settings.wait ?? ((ms) => new Promise((resume) => setTimeout(resume, ms)));
  const later = settings.later ?? ((work) => void work.catch((error) => console.error(String(error))));
  const visits = new Map();
  const handled = new Set();
  let published = { byId: new Map(), at: -Infinity };

  return async function answer(request) {
    const url = new URL(request.url);
    const visit = visits.get(cookieOf(request));
    switch (`${request.method} ${url.pathname}`) {
      case "GET /":
        if (url.searchParams.has("marketplace_session")) return welcome(url);
        return html(visit ? desk : door(marketplace, providerId));
      case "GET /pass":
        return visit ? json({ token: visit.sessionToken, api, back: visit.back }) : json(EXPIRED, 401);
      case "POST /labels":
        return visit ? print(visit, await request.json()) : json(EXPIRED, 401);
      case "POST /finish":
        return visit ? finish(visit) : redirect(marketplace);
      case "POST /hooks":
        return hook(request);
      case "GET /logo.svg":
        return new Response(barcode("LABEL"), { headers: { "Content-Type": "image/svg+xml" } });
      default:
        return json({ error: "There is nothing here." }, 404);
    }
  };

  async function welcome(url) {
    const token = url.searchParams.get("marketplace_session");
    const claims = await check(token);
    if (!claims) return html("<h1>This link does not open a desk here.</h1>", 403);
    const { status, body } = await sync(token, { action: "start", nonce: crypto.randomUUID() });
    if (status !== 200) return html(`<h1>No desk</h1><p>${escaped(body.detail)}</p>`, status);
    const id = crypto.randomUUID();
    visits.set(id, {
      id,
      person: claims.sub,
      sessionId: claims.session_id,
      mode: claims.mode,
      sessionToken: body.sessionToken,
      back: wayBack(url.searchParams, claims.session_id),
    });
    const secure = new URL(appUrl).protocol === "https:" ? "; Secure" : "";
    return redirect(appUrl, { "Set-Cookie": `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Lax${secure}` });
  }

  /** The claims, or null for anything that does not hold. */
  async function check(token) {
    try {
      const [head, claims, signature] = token.split(".");
      const { alg, typ, kid } = decoded(head);
      if (alg !== "ES256" || typ !== "mp-launch+jwt") return null;
      const key = await publicKey(kid);
      const signed = utf8(`${head}.${claims}`);
      const isGenuine =
        key && (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes(signature), signed));
      if (!isGenuine) return null;
      const facts = decoded(claims);
      const seconds = now() / 1000;
      const holds =
        facts.iss === marketplace &&
        facts.aud === new URL(appUrl).host &&
        facts.provider_id === providerId &&
        facts.iat <= seconds + CLOCK_SLACK_SECONDS &&
        facts.exp > seconds - CLOCK_SLACK_SECONDS;
      return holds ? facts : null;
    } catch {
      return null;
    }
  }

  async function publicKey(kid) {
    if (!published.byId.has(kid) || Math.abs(now() - published.at) > KEYS_KEPT_MS) {
      const { keys: list } = await (await fetch(`${api}/.well-known/jwks.json`)).json();
      const byId = new Map();
      const curve = { name: "ECDSA", namedCurve: "P-256" };
      for (const jwk of list) byId.set(jwk.kid, await crypto.subtle.importKey("jwk", jwk, curve, false, ["verify"]));
      published = { byId, at: now() };
    }
    return published.byId.get(kid);
  }

  function wayBack(query, sessionId) {
    let back = new URL("/session/complete", marketplace);
    const given = query.get("return_url") ?? "";
    if (URL.canParse(given) && new URL(given).origin === marketplace) back = new URL(given);
    back.searchParams.set("session_id", sessionId);
    if (query.get("state")) back.searchParams.set("state", query.get("state"));
    return back.href;
  }

  /** Paid for first, printed afterwards, each by itself. The keys name the labels, so asking twice never charges twice. */
  async function print(visit, { order, texts }) {
    const isOrder = typeof order === "string" && Array.isArray(texts) && texts.length > 0 && texts.length <= LABELS_MAX;
    if (!isOrder || !texts.every(isPrintable)) return json({ error: "A label holds 1 to 40 ASCII characters." }, 400);
    const records = texts.map((_, place) => ({
      sessionId: visit.sessionId,
      meter: METER,
      units: 1,
      idempotencyKey: `${order}-${place}`,
    }));
    const verdicts = await report(visit.mode, records);
    const labels = texts.map((text, place) =>
      ["accepted", "duplicate"].includes(verdicts[place])
        ? { text, svg: barcode(text) }
        : { text, refused: verdicts[place] },
    );
    if (verdicts.every((verdict) => verdict === "session_closed")) return json(EXPIRED, 401);
    return json({ labels });
  }

  /** One verdict a record, in order. What the marketplace could not look at is sent again with the same keys. */
  async function report(mode, records) {
    const verdicts = records.map(() => "unavailable");
    for (let attempt = 0; ; attempt++) {
      const open = records.map((_, place) => place).filter((place) => verdicts[place] === "unavailable");
      const events = open.map((place) => records[place]);
      const { status, body } = await ask("/v1/provider/tokens/report", keys[mode], { events });
      open.forEach((place, at) => (verdicts[place] = status === 200 ? body.results[at].status : "unavailable"));
      if (status !== 200 || attempt === WAITS_MS.length || !verdicts.includes("unavailable")) return verdicts;
      await wait(WAITS_MS[attempt]);
    }
  }

  async function finish(visit) {
    await settle(visit.mode, visit.sessionId);
    return redirect(visit.back, { "Set-Cookie": `${COOKIE}=; Path=/; Max-Age=0; HttpOnly` });
  }

  /** Over, however it came to that: no more labels will be reported. */
  async function settle(mode, sessionId) {
    for (const [id, visit] of visits) if (visit.sessionId === sessionId) visits.delete(id);
    await sync(keys[mode], { action: "complete", sessionId, final: true });
  }

  /** Answered at once, worked on afterwards; the secret that fits says whether it is of the sandbox. */
  async function hook(request) {
    const body = await request.text();
    const mode = await signerOf(request.headers, body);
    if (!mode) return json({ error: "Not signed by the marketplace." }, 400);
    const { id, type, data } = JSON.parse(body);
    if (!handled.has(id)) {
      handled.add(id);
      if (["session.completed", "session.failed"].includes(type)) later(settle(mode, data.sessionId));
    }
    return new Response(null, { status: 204 });
  }

  /** Standard Webhooks by hand. */
  async function signerOf(headers, body) {
    const id = headers.get("webhook-id");
    const time = Number(headers.get("webhook-timestamp") ?? NaN);
    if (!id || !(Math.abs(now() / 1000 - time) <= SIGNATURE_LIVES_SECONDS)) return null;
    const given = (headers.get("webhook-signature") ?? "").split(" ").filter((one) => one.startsWith("v1,"));
    for (const [mode, secret] of Object.entries(secrets)) {
      if (!secret) continue;
      const hmac = { name: "HMAC", hash: "SHA-256" };
      const key = await crypto.subtle.importKey("raw", bytes(secret.replace("whsec_", "")), hmac, false, ["verify"]);
      for (const one of given)
        if (await crypto.subtle.verify("HMAC", key, bytes(one.slice("v1,".length)), utf8(`${id}.${time}.${body}`)))
          return mode;
    }
    return null;
  }

  function sync(bearer, body) {
    return ask("/v1/provider/sessions/sync", bearer, body);
  }

  /** One call; what may pass by itself is tried again, the same, after 1, 2, 4 and 8 s. */
  async function ask(path, bearer, body) {
    for (let attempt = 0; ; attempt++) {
      const reply = await fetch(api + path, {
        method: "POST",
        headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }).catch(() => null);
      const mayPass = !reply || reply.status >= 500 || reply.status === 429;
      if (!mayPass || attempt === WAITS_MS.length)
        return { status: reply?.status ?? 503, body: reply ? await reply.json().catch(() => ({})) : {} };
      await wait(Number(reply?.headers.get("retry-after") ?? 0) * 1000 || WAITS_MS[attempt]);
    }
  }
}

const EXPIRED = { error: "SESSION_EXPIRED" };
const utf8 = (text) => new TextEncoder().encode(text);
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.codePointAt(0));
const decoded = (part) => JSON.parse(new TextDecoder().decode(bytes(part)));
const escaped = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const cookieOf = (request) => new RegExp(`${COOKIE}=([^;]+)`).exec(request.headers.get("cookie") ?? "")?.[1];
const json = (body, status = 200) => Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
const redirect = (to, headers = {}) =>
  new Response(null, { status: 303, headers: { Location: to, "Referrer-Policy": "no-referrer", ...headers } });
const html = (body, status = 200) =>
  new Response(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Label Press</title>${body}</html>`, {
    status,
    headers: { "Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "no-referrer" },
  });

const door = (marketplace, providerId) =>
  `<h1>Label Press</h1><p><a href="${marketplace}/apps/${providerId}">Take a desk on the marketplace</a></p>`;

const desk = `<h1>Label Press</h1>
<p>Time left: <output id="left">...</output></p>
<form id="order"><label>Labels, one a line <textarea name="texts" required></textarea></label> <button>Print</button></form>
<p id="said" role="status"></p><div id="labels"></div>
<form id="leave" method="post" action="/finish"><button>Leave</button></form>
<script type="module" src="/meter.mjs"></script>`;
