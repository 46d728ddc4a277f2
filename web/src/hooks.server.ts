// Every request of the PWA's origin passes here: the API's paths go straight over the service binding (WebSockets
// included), pages get the visitor's language and theme and the security headers.

import { dev } from "$app/environment";
import { getRequestEvent } from "$app/server";
import { isApiPath } from "$lib/api-paths.ts";
import { readPreferences, setServerPreferences } from "$lib/preferences.ts";
import type { Handle, HandleFetch, HandleServerError } from "@sveltejs/kit";

setServerPreferences(() => getRequestEvent().locals.preferences);

/** The reference page of the API lives at its `/docs`; ours has that path for the guide. */
const REFERENCE_PATH = "/docs/reference";

const SECURITY_HEADERS: Record<string, string> = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  // No address of ours may reach a provider: launch tokens travel in the query of the redirect.
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

export const handle: Handle = async ({ event, resolve }) => {
  const { pathname } = event.url;
  if (isApiPath(pathname)) return forward(event.platform, event.request, pathname);

  event.locals.preferences = readPreferences(
    event.request.headers.get("cookie") ?? "",
    (event.request.headers.get("accept-language") ?? "").split(","),
  );
  const { language, theme } = event.locals.preferences;
  const response = await resolve(event, {
    transformPageChunk: ({ html }) => html.replace("%lang%", language).replace("%theme%", theme),
    filterSerializedResponseHeaders: (name) => name === "content-type",
  });
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
  return response;
};

/** What a page loads from the API while it is drawn on the server takes the binding, not the network. */
export const handleFetch: HandleFetch = ({ event, request, fetch }) => {
  const url = new URL(request.url);
  return isApiPath(url.pathname) ? forward(event.platform, request, url.pathname) : fetch(request);
};

export const handleError: HandleServerError = ({ error, event, status }) => {
  if (status >= 500)
    console.error(
      JSON.stringify({
        message: "page failed",
        route: event.route.id,
        error: String((error as Error)?.stack ?? error),
      }),
    );
  return { message: status === 404 ? "not_found" : "internal" };
};

function forward(platform: App.Platform | undefined, request: Request, pathname: string): Promise<Response> {
  const url = new URL(request.url);
  url.pathname = pathname === REFERENCE_PATH ? "/docs" : pathname;
  if (platform?.env?.API)
    return platform.env.API.fetch(url.pathname === pathname ? request : new Request(url, request));
  if (!dev) return Promise.resolve(new Response("The API is not bound.", { status: 503 }));
  // `vite dev` has no binding: the browser's calls take the proxy of vite.config.ts, the server's calls this way.
  url.host = `localhost:${process.env.API_PORT ?? 3000}`;
  return fetch(new Request(url, request));
}
