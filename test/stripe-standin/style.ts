// Ink on paper with one signal colour, as the rest of the product; no file to load.

export const STYLE = `
:root { color-scheme: light dark; --paper: oklch(0.985 0.008 85); --ink: oklch(0.22 0.01 85); --grey: oklch(0.45 0.01 85);
  --line: oklch(0.86 0.01 85); --signal: oklch(0.86 0.17 92); --signal-ink: oklch(0.22 0.01 85); --red: oklch(0.48 0.19 27); }
@media (prefers-color-scheme: dark) { :root { --paper: oklch(0.2 0.008 85); --ink: oklch(0.95 0.008 85);
  --grey: oklch(0.75 0.01 85); --line: oklch(0.38 0.01 85); --red: oklch(0.75 0.14 27); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
.notice { margin: 0; padding: 8px 16px; background: var(--signal); color: var(--signal-ink); font-size: 15px; text-align: center; }
main { max-width: 26rem; margin: 0 auto; padding: 24px 16px 48px; }
h1 { margin: 0 0 24px; font-size: 21px; line-height: 1.25; font-weight: 600; }
h1 .item { display: block; font-size: 17px; font-weight: 400; color: var(--grey); }
h1 .figure { font-size: 40px; line-height: 1.1; font-variant-numeric: tabular-nums; }
form + form { margin-top: 24px; }
.field { margin: 0 0 16px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0 16px; }
label { display: block; font-size: 15px; margin-bottom: 4px; }
input { width: 100%; min-height: 44px; padding: 8px 12px; font: inherit; font-variant-numeric: tabular-nums; color: inherit;
  background: transparent; border: 1px solid var(--grey); border-radius: 6px; }
input::placeholder { color: var(--grey); opacity: 1; }
input[aria-invalid] { border: 2px solid var(--red); }
button { display: block; width: 100%; min-height: 44px; margin: 8px 0; padding: 8px 16px; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--paper); background: var(--ink); border: 1px solid var(--ink); border-radius: 6px; }
button.quiet { color: var(--ink); background: transparent; }
:focus-visible { outline: 3px solid var(--signal); outline-offset: 2px; }
a { color: inherit; }
.trouble { margin: 0 0 16px; padding: 12px; border: 1px solid var(--red); border-radius: 6px; }
.trouble strong { color: var(--red); }
details { margin-top: 24px; padding-top: 16px; border-top: 1px solid var(--line); font-size: 15px; color: var(--grey); }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin: 8px 0; }
dt { font-variant-numeric: tabular-nums; } dd { margin: 0; }
`;
