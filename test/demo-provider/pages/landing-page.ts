// Everything this provider offers, with the way to the marketplace, where sessions start.

import { html } from "hono/html";
import type { SeededApp } from "../../../scripts/seed/apps.ts";
import type { DemoSettings } from "../config.ts";
import { layout } from "./layout.ts";

export const landingPage = (apps: readonly SeededApp[], settings: DemoSettings) =>
  layout({
    title: "Demo provider",
    main: html`<header class="top"><h1>Demo provider</h1></header>
      <main>
        <p>
          ${apps.length} small apps of one provider. Sessions start on the marketplace; here is where they are spent.
        </p>
        <ul class="apps">
          ${apps.map(
            (app) =>
              html`<li>
                <img src="/logos/${app.slug}.svg" alt="" width="40" height="40" />
                <span>
                  <a href="${marketplaceUrl(app, settings)}">${app.name}</a>
                  <small>${app.category}, counted by ${metersOf(app)}</small>
                </span>
              </li>`,
          )}
        </ul>
      </main>`,
  });

export const metersOf = (app: SeededApp): string =>
  app.pricing.map(({ meter }) => meter.replaceAll("_", " ")).join(" and ");

/** The app's page on the marketplace, or the catalogue while its id is not known. */
export function marketplaceUrl(app: SeededApp, settings: DemoSettings): string {
  const keys = settings.keysOf(app.slug);
  return `${settings.webOrigin}/apps${keys ? `/${keys.providerId}` : ""}`;
}
