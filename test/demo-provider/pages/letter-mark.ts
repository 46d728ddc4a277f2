// The logo of a demo app: its first letter on its colour.

import type { SeededApp } from "../../../scripts/seed/apps.ts";

export const letterMark = (app: SeededApp): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="${app.name}">` +
  `<rect width="64" height="64" rx="12" fill="${app.accent}"/>` +
  `<text x="32" y="44" font-family="system-ui, sans-serif" font-size="34" font-weight="600" text-anchor="middle" fill="#fff">${app.name[0]}</text></svg>`;
