// The frame of the pages under /docs: plain HTML and one style sheet in it. No script, nothing from elsewhere; it works in
// a text browser, on paper and in the dark.

import { html, raw } from "hono/html";

export type Html = ReturnType<typeof html>;

/** The colours are those of the web app (web/src/app.css); each text pair reaches 4.5:1 in both schemes. */
const STYLE = `
:root { color-scheme: light dark; scroll-padding-top: 1rem;
  --paper: light-dark(oklch(0.982 0.007 90), oklch(0.185 0.006 80)); --sunken: light-dark(oklch(0.955 0.009 88), oklch(0.152 0.006 80));
  --ink: light-dark(oklch(0.215 0.012 75), oklch(0.94 0.008 90)); --quiet: light-dark(oklch(0.46 0.014 78), oklch(0.74 0.012 85));
  --line: light-dark(oklch(0.885 0.011 86), oklch(0.32 0.009 80)); --signal: light-dark(oklch(0.865 0.172 91), oklch(0.845 0.165 90)); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 0.9375rem/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.8125rem; }
a { color: inherit; text-underline-offset: 0.2em; }
:focus-visible { outline: 3px solid var(--signal); outline-offset: 2px; box-shadow: 0 0 0 2px var(--ink); }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; } h2 { font-size: 1.3125rem; margin: 3rem 0 0.5rem; }
h3 { font-size: 1.0625rem; margin: 0 0 0.25rem; } h4 { font-size: 0.8125rem; margin: 1rem 0 0.25rem; color: var(--quiet); font-weight: 600; }
p { margin: 0 0 0.75rem; max-width: 68ch; }
.skip { position: absolute; left: -99rem; padding: 0.5rem; background: var(--paper); } .skip:focus { left: 1rem; top: 1rem; }
.page { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 76rem; margin: 0 auto; }
nav { padding: 1.5rem 1rem; border-right: 1px solid var(--line); font-size: 0.8125rem; position: sticky; top: 0; max-height: 100vh; overflow-y: auto; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; } nav li a { display: block; padding: 0.2rem 0; text-decoration: none; } nav li a:hover { text-decoration: underline; }
nav .tag { font-weight: 600; display: block; padding: 0.2rem 0; }
main { padding: 1.5rem; min-width: 0; }
article { border-top: 1px solid var(--line); padding: 1.25rem 0; }
.call { margin: 0 0 0.5rem; } .method { background: var(--signal); color: oklch(0.215 0.02 75); padding: 0.1rem 0.4rem; border-radius: 4px; font-weight: 600; }
.quiet { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; } th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid var(--line); } th { color: var(--quiet); font-weight: 600; }
td:first-child { white-space: nowrap; }
pre { background: var(--sunken); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem; overflow-x: auto; margin: 0; }
dt { font-weight: 600; color: var(--quiet); font-size: 0.8125rem; } dd { margin: 0 0 0.5rem; max-width: 68ch; }
@media (max-width: 52rem) { .page { display: block; } nav .operations { display: none; } nav { position: static; max-height: none; border-right: 0; border-bottom: 1px solid var(--line); } td:first-child { white-space: normal; } }
@media print { nav { display: none; } .page { display: block; } }
`;

/** Something to answer with, as often as it is asked for. */
export interface Page {
  body: string;
  headers: Record<string, string>;
}
/** The same for everyone until the next deployment. */
export const KEPT = "public, max-age=300";

export async function page(it: { title: string; nav: Html; content: Html }): Promise<Page> {
  const body = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${it.title} · Meterplace</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <div class="page">
          <nav aria-label="Contents">${it.nav}</nav>
          <main id="content">
            <h1>${it.title}</h1>
            ${it.content}
          </main>
        </div>
      </body>
    </html>`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
  const styleHash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return {
    body: String(body),
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "Cache-Control": KEPT,
    },
  };
}

/** The little of Markdown our descriptions use: paragraphs, \`code\` and **strong**. Escapes everything else. */
export function prose(text: string): Html {
  return html`${text.split("\n\n").map((paragraph) => html`<p>${inline(paragraph)}</p>`)}`;
}

export const inline = (text: string): Html =>
  html`${text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return html`<code>${part.slice(1, -1)}</code>`;
    return part.startsWith("**") ? html`<strong>${part.slice(2, -2)}</strong>` : part;
  })}`;
