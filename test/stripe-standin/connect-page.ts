// The hosted onboarding page, in place of connect.stripe.com. One form with invented answers, no script; a link works once.

import { Hono, type Context } from "hono";
import { html, raw } from "hono/html";
import { moveAccount } from "./connect.ts";
import { STYLE } from "./style.ts";
import { secondsNow, type World } from "./world.ts";

type Html = ReturnType<typeof html>;

export function onboardingPage(world: World): Hono {
  const page = new Hono();
  const openLink = (id: string) => {
    const note = world.state.find("note.onboarding", id);
    return note && !note.isUsed && note.expiresAt > secondsNow(world) ? note : null;
  };
  const staleLink = (c: Context, id: string) => {
    // Stripe sends people with a used or old link back to the platform, which makes a new one.
    const note = world.state.find("note.onboarding", id);
    return note ? c.redirect(note.refreshUrl, 303) : c.text("There is no such link.", 404);
  };

  page.get("/:id", (c) => {
    const note = openLink(c.req.param("id"));
    if (!note) return staleLink(c, c.req.param("id"));
    return send(c, [note.returnUrl], form());
  });
  page.post("/:id", async (c) => {
    const note = openLink(c.req.param("id"));
    if (!note) return staleLink(c, c.req.param("id"));
    const answers = await c.req.parseBody();
    world.state.put("note.onboarding", { ...note, isUsed: true });
    // "Later" leaves everything as it is, as closing Stripe's page half way does.
    if (answers.action === "finish") moveAccount(world, note.accountId, "complete");
    return c.redirect(note.returnUrl, 303);
  });
  return page;
}

const field = (id: string, label: string, value: string): Html =>
  html`<p class="field"><label for="${id}">${label}</label><input id="${id}" name="${id}" value="${value}" /></p>`;

const form = (): Html =>
  html`<h1>Where should we send your earnings?</h1>
    <p>Stripe would ask for this and check it. Here every answer is invented and nothing is kept.</p>
    <form method="post">
      ${field("name", "Legal name", "Jenny Rosen")} ${field("dob", "Date of birth", "1901-01-01")}
      ${field("account", "Bank account", "000123456789")}
      <button type="submit" name="action" value="finish">Agree and finish</button>
      <button type="submit" name="action" value="later" class="quiet">Finish later</button>
    </form>`;

function send(c: Context, backTo: string[], main: Html): Response | Promise<Response> {
  const back = backTo.map((url) => new URL(url).origin).join(" ");
  c.header(
    "Content-Security-Policy",
    `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${back}; base-uri 'none'; frame-ancestors 'none'`,
  );
  c.header("Referrer-Policy", "no-referrer");
  c.header("Cache-Control", "no-store");
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Onboarding (local test)</title>
          <style>
            ${raw(STYLE)}
          </style>
        </head>
        <body>
          <header class="notice">Local test onboarding page. No money moves.</header>
          <main>${main}</main>
        </body>
      </html>`,
  );
}
