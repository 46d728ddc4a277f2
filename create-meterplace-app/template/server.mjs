// The whole app: a public page, one piece of metered work, webhooks. Change `work` to what your app does.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Marketplace } from "@meterplace/sdk";
import { meterplace } from "@meterplace/sdk/express";

const { PROVIDER_ID, MARKETPLACE_KEY, MARKETPLACE_API, MARKETPLACE, APP_URL, PORT, METER } = process.env;
if (!PROVIDER_ID || !MARKETPLACE_KEY) {
  console.error("PROVIDER_ID and MARKETPLACE_KEY are missing in .env. README.md says where they come from.");
  process.exit(1);
}

const marketplace = new Marketplace({
  apiKey: MARKETPLACE_KEY,
  baseUrl: MARKETPLACE_API,
  issuer: MARKETPLACE,
  providerId: PROVIDER_ID,
  retries: 2, // a person is waiting
});

// Takes launch links, keeps visitors in a cookie of yours, receives webhooks at /meterplace/webhooks.
const gate = meterplace({
  marketplace,
  appUrl: APP_URL,
  cookieSecret: process.env.COOKIE_SECRET,
  webhookSecret: process.env.WEBHOOK_SECRET,
  onWebhook(event) {
    // Events may come twice and in any order: keep event.id where it matters.
    console.log(`webhook ${event.type} ${event.data.sessionId ?? ""}`);
  },
});

/** What people pay for. */
function work({ text }) {
  const words = String(text).trim().split(/\s+/).filter(Boolean);
  return { words: words.length, letters: words.join("").length };
}

async function doWork(request, response) {
  const session = gate.sessionOf(request);
  const order = JSON.parse(await bodyOf(request));
  if (METER) {
    // Before the work: refused means nobody would pay for it. The key names the order, so that it is charged once.
    const usage = { sessionId: session.id, meter: METER, units: 1, idempotencyKey: String(order.id) };
    try {
      await marketplace.tokens.consume(usage);
    } catch (error) {
      if (error.code === "report_refused") return json(response, 402, { error: error.message });
      throw error;
    }
  }
  json(response, 200, work(order));
}

const files = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/app.js": ["app.js", "text/javascript; charset=utf-8"],
  "/style.css": ["style.css", "text/css; charset=utf-8"],
  "/logo.svg": ["logo.svg", "image/svg+xml"],
};

async function serve(request, response) {
  const { pathname } = new URL(`http://app${request.url}`);
  if (request.method === "POST" && pathname === "/work")
    return gate.requireSession(request, response, (error) =>
      error ? fail(response, error) : guarded(doWork, request, response),
    );
  const file = request.method === "GET" && files[pathname];
  if (!file) return json(response, 404, { error: "There is nothing here." });
  const text = await readFile(new URL(`public/${file[0]}`, import.meta.url), "utf8");
  response.writeHead(200, {
    "Content-Type": file[1],
    "Content-Security-Policy": `default-src 'self'; script-src 'self' ${MARKETPLACE_API}; connect-src 'self' ${MARKETPLACE_API} ${MARKETPLACE_API.replace(/^http/, "ws")}; frame-ancestors 'none'`,
    "Referrer-Policy": "no-referrer",
    // Your logo is shown on the marketplace.
    "Cross-Origin-Resource-Policy": "cross-origin",
  });
  response.end(
    text
      .replaceAll("%API%", MARKETPLACE_API)
      .replaceAll("%MARKETPLACE%", MARKETPLACE)
      .replaceAll("%PROVIDER_ID%", PROVIDER_ID),
  );
}

createServer((request, response) =>
  gate(request, response, (error) => (error ? fail(response, error) : guarded(serve, request, response))),
).listen(Number(PORT), () => console.log(`ready ${APP_URL}`));

const guarded = (handler, request, response) => handler(request, response).catch((error) => fail(response, error));

function fail(response, error) {
  // requestId is what the marketplace's support asks for.
  console.error(error.code ?? error, error.message, error.requestId ?? "");
  if (!response.headersSent) json(response, 500, { error: "Something went wrong here." });
}

function json(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(body));
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 100_000) throw new Error("That is too much at once.");
  }
  return text;
}
