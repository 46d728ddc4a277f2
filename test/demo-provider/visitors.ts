// Who is at which session, on the provider's side: the launch token is checked offline when the page is opened, and the
// session's id goes into the provider's own signed cookie. That admits nobody: the marketplace takes a report only for
// a session that was really redeemed and runs.

import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { Marketplace, LaunchTokenError, ConnectionError } from "@meterplace/sdk";
import type { SeededApp } from "../../scripts/seed/apps.ts";
import type { DemoSettings } from "./config.ts";

/** A session lives 12 h at most. */
const COOKIE_SECONDS = 12 * 60 * 60;
const cookieName = (app: SeededApp): string => `demo_${app.slug.replaceAll("-", "_")}`;

export function visitors(settings: DemoSettings) {
  const cookieSecret = randomBytes(32).toString("base64url");
  const clients = new Map<string, Marketplace>();

  function marketplaceFor(app: SeededApp): Marketplace | null {
    const keys = settings.keysOf(app.slug);
    if (!keys) return null;
    const known = clients.get(keys.apiKey);
    if (known) return known;
    const client = new Marketplace({
      apiKey: keys.apiKey,
      baseUrl: settings.apiOrigin,
      issuer: settings.webOrigin,
      providerId: keys.providerId,
      timeout: 10_000,
      // A person is waiting for this answer.
      retries: 2,
    });
    clients.set(keys.apiKey, client);
    return client;
  }

  return {
    marketplaceFor,

    /** On the way in: remember the session of a launch token that is genuine and meant for this app. */
    async admit(c: Context, app: SeededApp): Promise<void> {
      const token = c.req.query("marketplace_session");
      const client = marketplaceFor(app);
      if (!token || !client) return;
      try {
        const { host } = new URL(c.req.url);
        const claims = await client.verifyLaunchToken(token, { audience: host });
        await setSignedCookie(c, cookieName(app), claims.session_id, cookieSecret, {
          path: `/apps/${app.slug}`,
          httpOnly: true,
          sameSite: "Lax",
          maxAge: COOKIE_SECONDS,
        });
      } catch (error) {
        // The page's own SDK tells the person; the log says why.
        if (error instanceof LaunchTokenError) console.warn(`launch token refused for ${app.slug}: ${error.reason}`);
        else if (error instanceof ConnectionError)
          console.warn(`launch token not checked for ${app.slug}: ${error.code}`);
        else throw error;
      }
    },

    /** The session this browser was let in with, or null. */
    async sessionIdOf(c: Context, app: SeededApp): Promise<string | null> {
      return (await getSignedCookie(c, cookieSecret, cookieName(app))) || null;
    },
  };
}
