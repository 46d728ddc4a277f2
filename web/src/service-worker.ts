/// <reference lib="webworker" />
// Keeps the app usable without a connection: its own files from the cache, pages and the public catalogue from the network
// first, and an honest offline page otherwise. Nothing private is ever stored: signed-in pages are empty shells and their
// data never passes the cache.

import { cleanupOutdatedCaches, matchPrecache, precacheAndRoute, type PrecacheEntry } from "workbox-precaching";
import { registerRoute, setCatchHandler } from "workbox-routing";
import { NetworkFirst } from "workbox-strategies";
import { ExpirationPlugin } from "workbox-expiration";
import { isApiPath } from "./lib/api-paths.ts";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] };

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);

registerRoute(
  ({ request, url }) => request.mode === "navigate" && url.origin === self.location.origin && !isApiPath(url.pathname),
  new NetworkFirst({
    cacheName: "pages",
    networkTimeoutSeconds: 5,
    plugins: [new ExpirationPlugin({ maxEntries: 40, maxAgeSeconds: 7 * 24 * 60 * 60 })],
  }),
);

registerRoute(
  ({ request, url }) =>
    request.method === "GET" &&
    url.origin === self.location.origin &&
    /^\/v1\/providers(\/[^/]+)?$/.test(url.pathname) &&
    !request.headers.has("Authorization"),
  new NetworkFirst({
    cacheName: "catalogue",
    networkTimeoutSeconds: 5,
    plugins: [new ExpirationPlugin({ maxEntries: 100, maxAgeSeconds: 24 * 60 * 60 })],
  }),
);

setCatchHandler(async ({ request }) =>
  request.mode === "navigate" ? ((await matchPrecache("/offline")) ?? Response.error()) : Response.error(),
);

self.addEventListener("message", (event) => {
  if ((event.data as { type?: string } | null)?.type === "SKIP_WAITING") void self.skipWaiting();
});
