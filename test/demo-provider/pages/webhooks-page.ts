// The webhooks this provider received, newest first.

import { html } from "hono/html";
import type { ReceivedWebhook } from "../webhook-inbox.ts";
import { layout } from "./layout.ts";

export const webhooksPage = (received: readonly ReceivedWebhook[]) =>
  layout({
    title: "Webhooks received",
    main: html`<header class="top"><h1>Webhooks received</h1></header>
      <main>
        <p>
          The last ${received.length}, newest first; each was verified with an independent library before it was taken.
          <a href="/webhooks.json">As JSON</a>
        </p>
        ${
          received.length === 0
            ? html`<p>Nothing yet. Start a session on the marketplace and come back.</p>`
            : html`<div class="scroll" tabindex="0" role="region" aria-label="Webhooks">
                <table>
                  <thead>
                    <tr>
                      <th>Event</th>
                      <th>App</th>
                      <th>Session</th>
                      <th>Happened</th>
                      <th>Signatures</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${received.map(
                      ({ app, event, isRepeat, signatures }) =>
                        html`<tr>
                          <td>${event.type}${isRepeat ? " (repeat)" : ""}<br /><small>${event.id}</small></td>
                          <td>${app}</td>
                          <td><small>${event.data.sessionId ?? "-"}</small> ${event.data.sequence ?? ""}</td>
                          <td>${event.timestamp}</td>
                          <td>Standard Webhooks${signatures.marketplace ? ", X-Marketplace-Signature" : ""}</td>
                        </tr>`,
                    )}
                  </tbody>
                </table>
              </div>`
        }
      </main>`,
  });
