// How SvelteKit builds the PWA. Paths are absolute because the offline page is served at any depth.
import adapter from "@sveltejs/adapter-cloudflare";
import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

/** The API's origin when it is not ours (VITE_API_URL); the policy must let the page speak to it. */
const apiOrigin = process.env.VITE_API_URL ? new URL(process.env.VITE_API_URL).origin : null;
/** @type {any[]} */
const connect = apiOrigin ? ["self", apiOrigin, apiOrigin.replace(/^http/, "ws")] : ["self"];

/** @type {import('@sveltejs/kit').Config} */
const config = {
  preprocess: vitePreprocess(),
  kit: {
    // Neither the build nor vite dev uses bindings, and the adapter's emulation leaves a workerd behind after every build.
    adapter: { ...adapter(), emulate: undefined },
    // One stylesheet for everything, inlined: the first paint waits for nothing.
    inlineStyleThreshold: 48_000,
    paths: { relative: false },
    alias: {
      $protocol: "../sdk/src/protocol",
      $receipts: "../sdk/src/receipts",
      $pricing: "../domain/pricing",
      $money: "../domain/money.ts",
      $catalogue: "../domain/catalogue",
    },
    serviceWorker: { register: false },
    // The tests of the plain functions live with all the others and are checked from here.
    typescript: { config: (config) => void config.include.push("../../test/web/**/*.ts") },
    // Only the offline page is made at build time; its links lead to pages that need the API.
    prerender: { crawl: false, entries: ["/offline"] },
    csp: {
      mode: "auto",
      directives: {
        "default-src": ["self"],
        "script-src": ["self"],
        "style-src": ["self"],
        // SvelteKit's route announcer hides itself with one style attribute; this is its hash.
        "style-src-attr": ["unsafe-hashes", "sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo="],
        // Logos are the apps' own; the loopback is for the demo apps of a local stack.
        "img-src": ["self", "data:", "https:", "http://localhost:*"],
        "connect-src": connect,
        "manifest-src": ["self"],
        "worker-src": ["self"],
        "object-src": ["none"],
        "base-uri": ["none"],
        "form-action": ["self"],
        "frame-ancestors": ["none"],
      },
    },
  },
};

export default config;
