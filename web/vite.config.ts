import { sveltekit } from "@sveltejs/kit/vite";
import tailwindcss from "@tailwindcss/vite";
import { SvelteKitPWA } from "@vite-pwa/sveltekit";
import { defineConfig } from "vite";
import { BRAND } from "./src/lib/brand.ts";
import { API_PATHS } from "./src/lib/api-paths.ts";

const api = `http://localhost:${process.env.API_PORT ?? 3000}`;

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit(),
    SvelteKitPWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "service-worker.ts",
      injectRegister: false,
      injectManifest: {
        globPatterns: ["client/_app/**/*.{js,css}", "client/icons/*.{svg,png}", "prerendered/**/*.html"],
      },
      manifest: {
        id: "/",
        name: BRAND.name,
        short_name: BRAND.name,
        description: BRAND.summary,
        lang: "en",
        dir: "ltr",
        start_url: "/apps",
        scope: "/",
        display: "standalone",
        background_color: "#faf8f3",
        theme_color: "#faf8f3",
        categories: ["productivity", "utilities"],
        icons: [
          { src: "/icons/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "/icons/icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "/icons/maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
          { src: "/icons/mark.svg", sizes: "any", type: "image/svg+xml" },
        ],
        screenshots: [
          { src: "/screenshots/screen-wide.png", sizes: "1280x800", type: "image/png", form_factor: "wide" },
          { src: "/screenshots/screen-narrow.png", sizes: "390x844", type: "image/png", form_factor: "narrow" },
        ],
        shortcuts: [
          { name: "Catalogue", url: "/apps" },
          { name: "Wallet", url: "/wallet" },
          { name: "Sessions", url: "/sessions" },
        ],
      },
    }),
  ],
  server: {
    port: Number(process.env.WEB_PORT ?? 5173),
    strictPort: true,
    // domain/pricing and sdk/src/protocol live outside web/.
    fs: { allow: [".."] },
    proxy: Object.fromEntries(API_PATHS.map((path) => [path, { target: api, ws: true }])),
  },
});
