// The frame of every page of the demo provider.

import { html } from "hono/html";

type Part = ReturnType<typeof html>;

export const layout = (page: { title: string; main: Part; head?: Part; body?: Part }): Part =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
        ${page.head ?? ""}
      </head>
      <body>
        ${page.main}
        <footer>
          A demonstration provider: the work is small, the metering is real.
          <a href="/">All apps</a> <a href="/webhooks">Webhooks received</a>
        </footer>
      </body>
    </html>`;
