// The badge as a picture, for an app's own pages: a small meter window and the day.

import type { Millis } from "../clock.ts";

export function badgeImage(passedAt: Millis): string {
  const day = new Date(passedAt).toISOString().slice(0, 10);
  const label = `Passed the Meterplace lab on ${day}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="214" height="32" viewBox="0 0 214 32" role="img" aria-label="${label}"><title>${label}</title><rect x=".5" y=".5" width="213" height="31" rx="6" fill="#fbf9f3" stroke="#8a8577"/><g><rect x="7" y="7" width="30" height="18" rx="3" fill="#facc15" stroke="#29241b" stroke-width="2"/><path d="M13 16.500l4 3.500l9-8" fill="none" stroke="#29241b" stroke-width="2.200" stroke-linecap="round" stroke-linejoin="round"/></g><text x="46" y="14" font-family="system-ui,sans-serif" font-size="11" font-weight="600" fill="#29241b">Passed the meter lab</text><text x="46" y="26" font-family="system-ui,sans-serif" font-size="10" fill="#5d574a">${day}</text></svg>`;
}
