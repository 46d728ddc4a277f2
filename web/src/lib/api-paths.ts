// Paths of this origin that the API answers. The page, the server hook and the development proxy share the list, so that
// the browser sees one origin everywhere.

export const API_PATHS = [
  "/v1",
  "/api",
  "/.well-known",
  "/healthz",
  "/docs/",
  "/sdk.js",
  "/sdk/",
  "/scim",
  "/llms.txt",
] as const;

/** An app's page as Markdown. */
const APP_TEXT = /^\/apps\/[^/]+\.md$/;

export const isApiPath = (pathname: string): boolean =>
  APP_TEXT.test(pathname) ||
  API_PATHS.some((path) => pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`));
