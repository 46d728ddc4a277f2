// Where the marketplace lives. The Worker replaces these two with its own origins in the scripts it serves, so a page
// that loads `/sdk.js` from a marketplace talks to that one without being told.

export const DEFAULT_API_ORIGIN = "https://api.meterplace.example";
export const DEFAULT_WEB_ORIGIN = "https://meterplace.example";
