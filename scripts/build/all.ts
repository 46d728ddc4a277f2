// What is built, from what, into what. Used by the launcher, `npm run build` and `npm test`; a fresh part is skipped.
//
//   sdk   sdk/dist          the browser and server SDK, and workers/generated, from which the API serves its scripts
//   encoder  workers/assets  the weights of the sentence encoder, quantised
//   docs  workers/assets/docs  the public guides as Markdown
//   api   dist/api          the API Worker as wrangler would deploy it
//   web   dist/web          the PWA: assets, and its server side as one module

import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build as bundle, stop as stopBundler } from "esbuild";
import { DOCS_ASSETS, PUBLIC_DOCS } from "../../workers/docs/public-docs.ts";
import { ENCODER_ASSET } from "../../workers/encoder-asset.ts";
import { runOrThrow } from "../run.ts";
import { ROOT } from "../start/settings.ts";
import { buildIfStale, type Build } from "./fresh.ts";

export const API_BUNDLE = "dist/api";
/** `[assets]` of wrangler.toml. */
export const API_ASSETS = "workers/assets";
export const WEB_ASSETS = "dist/web/assets";
export const WEB_WORKER = "dist/web/worker.js";

/** Vite bakes variables with these prefixes into the pages. */
const bakedVariables = (): string[] =>
  Object.entries(process.env)
    .filter(([name]) => /^(VITE|PUBLIC)_/.test(name))
    .map(([name, value]) => `${name}=${value}`)
    .sort();

const BUILDS: Build[] = [
  {
    name: "sdk",
    sources: ["sdk", "domain/pricing", "domain/money.ts", "domain/errors.ts"],
    results: ["sdk/dist/sdk.js", "workers/generated/sdk.gen.ts"],
    make: async () => void (await runOrThrow("node", ["sdk/build.ts"])),
  },
  {
    name: "encoder",
    sources: ["scripts/build-encoder.ts", "domain/discovery/encoder"],
    results: [`workers/assets/${ENCODER_ASSET}`],
    make: async () => void (await runOrThrow("node", ["scripts/build-encoder.ts"])),
  },
  {
    name: "docs",
    sources: ["docs", "workers/docs/public-docs.ts"],
    results: Object.keys(PUBLIC_DOCS).map((name) => `${API_ASSETS}/${DOCS_ASSETS}/${name}.md`),
    make: () => {
      const folder = join(ROOT, API_ASSETS, DOCS_ASSETS);
      rmSync(folder, { recursive: true, force: true });
      for (const name of Object.keys(PUBLIC_DOCS)) cpSync(join(ROOT, "docs", `${name}.md`), join(folder, `${name}.md`));
      return Promise.resolve();
    },
  },
  {
    name: "api",
    sources: ["workers", "durable-objects", "domain", "sdk/src", "wrangler.toml"],
    results: [`${API_BUNDLE}/index.js`],
    make: async () => {
      rmSync(join(ROOT, API_BUNDLE), { recursive: true, force: true });
      await runOrThrow("wrangler", ["deploy", "--dry-run", "--outdir", API_BUNDLE]);
    },
  },
  {
    name: "web",
    sources: ["web", "sdk/src", "domain"],
    settings: bakedVariables(),
    results: [WEB_WORKER],
    make: buildWeb,
  },
];

/** Builds every stale part in order, or only the one named, and says how long each took. */
export async function buildAll(
  say: (line: string) => void,
  only?: readonly ("sdk" | "encoder" | "docs")[],
): Promise<void> {
  for (const build of BUILDS.filter(({ name }) => !only || only.some((wanted) => wanted === name))) {
    const startedAt = Date.now();
    if (await buildIfStale(build)) say(`built ${build.name} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

/** The SvelteKit adapter leaves assets and a `_worker.js` with imports; Pages bundles that on upload, and so do we. */
async function buildWeb(): Promise<void> {
  await runOrThrow("vite", ["build"], { cwd: "web" });
  const output = join(ROOT, "web/.svelte-kit/cloudflare");
  const serverFiles = ["_worker.js", "_routes.json"].map((name) => join(output, name));
  rmSync(join(ROOT, "dist/web"), { recursive: true, force: true });
  cpSync(output, join(ROOT, WEB_ASSETS), { recursive: true, filter: (source) => !serverFiles.includes(source) });
  await bundle({
    entryPoints: [join(output, "_worker.js")],
    outfile: join(ROOT, WEB_WORKER),
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "warning",
    // Modules without side effects that SvelteKit's output still names.
    logOverride: { "ignored-bare-import": "silent" },
  });
  // Its helper process would otherwise stay as long as the stack runs.
  await stopBundler();
}
