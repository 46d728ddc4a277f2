// What the demo provider answers: its apps, their work, and the webhooks it receives.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { SEEDED_APPS } from "../../scripts/seed/apps.ts";
import { appBySlug, type DemoSettings } from "./config.ts";
import { appPage } from "./pages/app-page.ts";
import { landingPage } from "./pages/landing-page.ts";
import { letterMark } from "./pages/letter-mark.ts";
import { webhooksPage } from "./pages/webhooks-page.ts";
import { toolFor } from "./tools/tool.ts";
import { visitors } from "./visitors.ts";
import { webhookInbox } from "./webhook-inbox.ts";
import { closeBooks, doWork } from "./work.ts";

const WORK_MAX_BYTES = 64 * 1024;

export async function demoApp(settings: DemoSettings): Promise<Hono> {
  const app = new Hono();
  const inbox = webhookInbox();
  const visitor = visitors(settings);
  const script = await bundlePageScript();
  const style = readFileSync(join(import.meta.dirname, "public/style.css"), "utf8");

  app.use(
    secureHeaders({
      // As strict as a page can be that loads one script of another origin; the SDK works under it.
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", settings.apiOrigin],
        connectSrc: ["'self'", settings.apiOrigin, settings.apiOrigin.replace("http", "ws")],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
      // Logos are shown by the marketplace.
      crossOriginResourcePolicy: "cross-origin",
      referrerPolicy: "no-referrer",
      strictTransportSecurity: false,
    }),
  );

  app.get("/", (c) => c.html(landingPage(SEEDED_APPS, settings)));
  app.get("/style.css", (c) => c.body(style, 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/page.js", (c) => c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" }));
  app.get("/minimal", (c) => c.html(minimalPage(settings)));
  app.get("/logos/:file{[a-z0-9-]+\\.svg}", (c) => {
    const found = appBySlug(c.req.param("file").slice(0, -".svg".length));
    if (!found) return c.notFound();
    return c.body(letterMark(found), 200, { "Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=3600" });
  });

  app.get("/apps/:slug", async (c) => {
    const found = appBySlug(c.req.param("slug"));
    if (!found) return c.notFound();
    await visitor.admit(c, found);
    return c.html(appPage(found, toolFor(found), settings));
  });
  app.post("/apps/:slug/work", async (c) => {
    const found = appBySlug(c.req.param("slug"));
    if (!found) return c.notFound();
    // A form of another site cannot send this type without asking first.
    if (!c.req.header("Content-Type")?.startsWith("application/json")) return c.json({ error: "Send JSON." }, 415);
    const text = await c.req.text();
    if (text.length > WORK_MAX_BYTES) return c.json({ error: "That is too much at once." }, 413);
    const sessionId = await visitor.sessionIdOf(c, found);
    const { status, body } = await doWork(visitor.marketplaceFor(found), found, sessionId, text);
    return c.json(body, status);
  });

  app.post("/webhooks/:slug", async (c) => {
    const slug = c.req.param("slug");
    const keys = settings.keysOf(slug);
    if (!keys) return c.json({ error: "No such app." }, 404);
    const verdict = await inbox.receive(slug, keys.webhook.secret, await c.req.text(), c.req.raw.headers);
    if (!verdict.isGenuine) return c.json({ error: verdict.reason }, 400);
    const found = appBySlug(slug);
    if (found && !verdict.isRepeat) void closeBooks(visitor.marketplaceFor(found), found, verdict.event);
    return c.json({ received: true });
  });
  app.get("/webhooks", (c) => c.html(webhooksPage(inbox.list())));
  app.get("/webhooks.json", (c) => c.json({ webhooks: inbox.list() }));
  return app;
}

/** The page's own TypeScript, bundled in a few milliseconds at start. */
async function bundlePageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "public/page.ts")],
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]!.text;
}

/** minimal.html with this marketplace's addresses. */
function minimalPage(settings: DemoSettings): string {
  const providerId = settings.keysOf(SEEDED_APPS[0]!.slug)?.providerId ?? "your-provider-id";
  return readFileSync(join(import.meta.dirname, "minimal.html"), "utf8")
    .replaceAll("https://api.meterplace.example", settings.apiOrigin)
    .replaceAll("your-provider-id", providerId);
}
