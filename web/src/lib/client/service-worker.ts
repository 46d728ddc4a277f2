// Registers the service worker and says when a new version waits. It takes over only when the person asks: a page in the
// middle of a purchase is never swapped.

/** Calls `onReady` with how to load the waiting version. Does nothing where there are no service workers. */
export async function watchForUpdate(onReady: (apply: () => void) => void): Promise<void> {
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/service-worker.js").catch(() => null);
  if (!registration) return;

  const offer = (worker: ServiceWorker) =>
    onReady(() => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      worker.postMessage({ type: "SKIP_WAITING" });
    });
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const next = registration.installing;
    next?.addEventListener("statechange", () => {
      if (next.state === "installed" && navigator.serviceWorker.controller) offer(next);
    });
  });
}
