// One app: the session as the SDK knows it, and the tool.

import { html } from "hono/html";
import type { SeededApp } from "../../../scripts/seed/apps.ts";
import type { DemoSettings } from "../config.ts";
import type { Tool } from "../tools/tool.ts";
import { marketplaceUrl, metersOf } from "./landing-page.ts";
import { layout } from "./layout.ts";

export const appPage = (app: SeededApp, tool: Tool, settings: DemoSettings) =>
  layout({
    title: app.name,
    // The page's own script first: it queues the start for when the SDK has loaded.
    head: html`<script src="/page.js" defer></script>
      <script src="${settings.apiOrigin}/sdk.js" async crossorigin="anonymous"></script>`,
    main: html`<header class="top">
        <img src="/logos/${app.slug}.svg" alt="" width="48" height="48" />
        <div>
          <h1>${app.name}</h1>
          <p>${app.category}, counted by ${metersOf(app)}</p>
        </div>
      </header>
      <main id="app" data-slug="${app.slug}" data-provider-id="${settings.keysOf(app.slug)?.providerId ?? ""}">
        <section class="session" aria-labelledby="session-title">
          <h2 id="session-title">Your session</h2>
          <p id="session-note" role="status">Looking for your session</p>
          <dl id="session-facts" hidden>
            <div>
              <dt>Duration</dt>
              <dd id="fact-duration"></dd>
            </div>
            <div>
              <dt>Tokens allocated</dt>
              <dd id="fact-allocated"></dd>
            </div>
            <div>
              <dt>Time left</dt>
              <dd id="fact-left"></dd>
            </div>
            <div>
              <dt>Spent so far</dt>
              <dd id="fact-spent"></dd>
            </div>
          </dl>
          <p><small id="session-id"></small></p>
          <p id="no-session" hidden>
            This app was opened without a session. Nothing runs and nothing is charged.
            <a class="button" href="${marketplaceUrl(app, settings)}">Start ${app.name} on the marketplace</a>
          </p>
        </section>
        <section aria-labelledby="tool-title">
          <h2 id="tool-title">The tool</h2>
          <p>${tool.intro}</p>
          <form id="tool">
            <label for="text">Your text</label>
            <textarea id="text" name="text" rows="10" required>${tool.sample}</textarea>
            <p id="text-count"></p>
            ${
              tool.countLabel
                ? html`<label for="count">${tool.countLabel}</label>
                    <input id="count" name="count" type="number" min="0.01" step="any" value="1" required />`
                : ""
            }
            <div class="actions">
              ${tool.actions.map(
                ({ id, label }) => html`<button type="submit" name="action" value="${id}" disabled>${label}</button>`,
              )}
            </div>
          </form>
          <p id="work-note" role="status"></p>
          <div id="result" tabindex="-1"></div>
        </section>
      </main>`,
  });
