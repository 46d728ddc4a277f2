// Paths of this origin that the API answers. The page, the server hook and the development proxy share the list, so that
// the browser sees one origin everywhere.

export const API_PATHS = ["/v1", "/api", "/.well-known", "/healthz", "/docs/", "/sdk.js", "/sdk/", "/scim"] as const;

export const isApiPath = (pathname: string): boolean =>
  API_PATHS.some((path) => pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`));
