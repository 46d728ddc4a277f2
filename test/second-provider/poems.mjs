// Night Poems sells poems by the piece and the quiet room by the minute. One function from Request to Response; everything
// it knows of the marketplace comes from the guides.

const COOKIE = "poems_visit";
const CLOCK_SLACK_SECONDS = 30;
const KEYS_KEPT_MS = 60 * 60 * 1000;
const WAITS_MS = [1000, 2000, 4000, 8000];
const SIGNATURE_LIVES_SECONDS = 300;
const LINES = ["The lamp is low,", "the street is wide,", "what you came to say", "is still outside."];

export function nightPoems(settings) {
  const { api, marketplace, providerId, apiKey, appUrl, webhookSecret } = settings;
  const fetch = settings.fetch ?? globalThis.fetch;
  const now = settings.now ?? Date.now;
  const wait = settings.wait ?? ((ms) => new Promise((resume) => setTimeout(resume, ms)));
  const visits = new Map();
  const handled = new Set();
  let keys = { byId: new Map(), at: -Infinity };

  return async function answer(request) {
    const url = new URL(request.url);
    const visit = visits.get(cookieOf(request));
    switch (`${request.method} ${url.pathname}`) {
      case "GET /":
        if (url.searchParams.has("marketplace_session")) return welcome(url);
        return html(visit ? room(visit) : door(marketplace, providerId));
      case "GET /pass":
        return visit
          ? json({ token: visit.sessionToken, api, back: visit.back })
          : json({ error: "SESSION_EXPIRED" }, 401);
      case "POST /poem":
        return visit ? poem(visit, await request.json()) : json({ error: "SESSION_EXPIRED" }, 401);
      case "POST /finish":
        return visit ? finish(visit) : redirect(marketplace);
      case "POST /hooks":
        return hook(request);
      default:
        return json({ error: "There is nothing here." }, 404);
    }
  };

  async function welcome(url) {
    const token = url.searchParams.get("marketplace_session");
    const claims = await check(token);
    if (!claims) return html("<h1>This link does not open a room here.</h1>", 403);
    const nonce = crypto.randomUUID();
    const { status, body } = await ask("/v1/provider/sessions/sync", token, { action: "start", nonce });
    if (status !== 200) return html(`<h1>No room</h1><p>${escaped(body.detail)}</p>`, status);
    const id = crypto.randomUUID();
    visits.set(id, {
      id,
      person: claims.sub,
      sessionId: claims.session_id,
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
      const signed = new TextEncoder().encode(`${head}.${claims}`);
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
    if (!keys.byId.has(kid) || Math.abs(now() - keys.at) > KEYS_KEPT_MS) {
      const { keys: list } = await (await fetch(`${api}/.well-known/jwks.json`)).json();
      const byId = new Map();
      for (const jwk of list)
        byId.set(
          jwk.kid,
          await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]),
        );
      keys = { byId, at: now() };
    }
    return keys.byId.get(kid);
  }

  function wayBack(query, sessionId) {
    let back = new URL("/session/complete", marketplace);
    const given = query.get("return_url") ?? "";
    if (URL.canParse(given) && new URL(given).origin === marketplace) back = new URL(given);
    back.searchParams.set("session_id", sessionId);
    if (query.get("state")) back.searchParams.set("state", query.get("state"));
    return back.href;
  }

  /** Paid for first, written afterwards. The key names the poem, so asking twice never charges twice. */
  async function poem({ sessionId }, { theme, order }) {
    const report = { sessionId, meter: "poem", units: 1, idempotencyKey: `poem-${order}` };
    const { status, body } = await ask("/v1/provider/tokens/report", apiKey, report);
    const verdict = body.results?.[0]?.status;
    if (status === 200 && ["accepted", "duplicate"].includes(verdict))
      return json({ poem: [theme, ...LINES].join("\n") });
    if (verdict === "tokens_depleted") return json({ error: "There is not enough set aside for another poem." }, 402);
    if (verdict === "session_closed") return json({ error: "SESSION_EXPIRED" }, 401);
    return json({ error: "No poem this time.", verdict: verdict ?? body.code }, 503);
  }

  async function finish(visit) {
    await ask("/v1/provider/sessions/sync", apiKey, { action: "complete", sessionId: visit.sessionId, final: true });
    visits.delete(visit.id);
    return redirect(visit.back, { "Set-Cookie": `${COOKIE}=; Path=/; Max-Age=0; HttpOnly` });
  }

  async function hook(request) {
    const body = await request.text();
    if (!(await isFromMarketplace(request.headers.get("x-marketplace-signature") ?? "", body)))
      return json({ error: "Not signed by the marketplace." }, 400);
    const { id, type, data } = JSON.parse(body);
    if (!handled.has(id)) {
      handled.add(id);
      if (["session.completed", "session.failed"].includes(type)) await close(data.sessionId);
    }
    return new Response(null, { status: 204 });
  }

  /** Over, however it came to that: no more poems will be reported. */
  async function close(sessionId) {
    for (const [id, visit] of visits) if (visit.sessionId === sessionId) visits.delete(id);
    await ask("/v1/provider/sessions/sync", apiKey, { action: "complete", sessionId, final: true });
  }

  async function isFromMarketplace(header, body) {
    const parts = header.split(",").map((part) => part.split("="));
    const time = parts.find(([name]) => name === "t")?.[1];
    if (!time || Math.abs(now() / 1000 - Number(time)) > SIGNATURE_LIVES_SECONDS) return false;
    const text = new TextEncoder();
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", text.encode(webhookSecret), hmac, false, ["verify"]);
    for (const [name, hex] of parts)
      if (name === "v1" && (await crypto.subtle.verify("HMAC", key, fromHex(hex), text.encode(`${time}.${body}`))))
        return true;
    return false;
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

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.codePointAt(0));
const decoded = (part) => JSON.parse(new TextDecoder().decode(bytes(part)));
const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const escaped = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const cookieOf = (request) => new RegExp(`${COOKIE}=([^;]+)`).exec(request.headers.get("cookie") ?? "")?.[1];
const json = (body, status = 200) => Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
const redirect = (to, headers = {}) =>
  new Response(null, { status: 303, headers: { Location: to, "Referrer-Policy": "no-referrer", ...headers } });
const html = (body, status = 200) =>
  new Response(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Night Poems</title>${body}</html>`, {
    status,
    headers: { "Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "no-referrer" },
  });

const door = (marketplace, providerId) =>
  `<h1>Night Poems</h1><p><a href="${marketplace}/apps/${providerId}">Take a room on the marketplace</a></p>`;

const room = () => `<h1>Night Poems</h1>
<p>Time left: <output id="left">...</output></p>
<form id="order"><label>A poem about <input name="theme" required></label> <button>Write it</button></form>
<pre id="poem"></pre>
<form method="post" action="/finish"><button>Leave</button></form>
<script type="module" src="/meter.mjs"></script>`;
