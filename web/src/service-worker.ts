/// <reference lib="webworker" />
// Keeps the app usable without a connection: its own files from the cache, pages and the public catalogue from the network
// first, and an honest offline page otherwise. Nothing private is ever stored: signed-in pages are empty shells and their
// data never passes the cache. And shows what comes from the push service while no page of ours is in front.

import { cleanupOutdatedCaches, matchPrecache, precacheAndRoute, type PrecacheEntry } from "workbox-precaching";
import { registerRoute, setCatchHandler } from "workbox-routing";
import { NetworkFirst } from "workbox-strategies";
import { ExpirationPlugin } from "workbox-expiration";
import type { PushMessage } from "../../domain/push/message.ts";
import { isApiPath } from "./lib/api-paths.ts";
import { noticeOf } from "./lib/push-notice.ts";

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

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json() as PushMessage));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open((event.notification.data as { path: string }).path));
});

async function show(message: PushMessage): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // A page in front says it itself.
  if (pages.some(({ focused }) => focused)) return;
  const { title, body, tag, language, path } = noticeOf(message);
  await self.registration.showNotification(title, {
    body,
    tag,
    // A second warning, after an extension, takes the place of the first and is heard as well.
    renotify: true,
    lang: language,
    icon: "/icons/icon-192.png",
    data: { path },
  } as NotificationOptions & { renotify: boolean });
}

/** A page that is there already comes to the front; no other page is led away from what the person does in it. */
async function open(path: string): Promise<void> {
  const url = new URL(path, self.location.origin);
  const pages = await self.clients.matchAll({ type: "window" });
  const there = pages.find((page) => new URL(page.url).pathname === url.pathname);
  await (there ? there.focus() : self.clients.openWindow(url));
}
