// Builds what the SDK publishes, in well under a second: the two scripts for a tag, the modules for a bundler, the server
// client, and `workers/generated/sdk.gen.ts`, from which the Worker serves the scripts.
//
//   node sdk/build.ts            everything but the type declarations
//   node sdk/build.ts --types    the declarations as well (slow: it runs the TypeScript compiler), before publishing

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, transform, type BuildOptions, type Plugin } from "esbuild";

const SDK = dirname(fileURLToPath(import.meta.url));
const DIST = join(SDK, "dist");
const GENERATED = join(SDK, "../workers/generated/sdk.gen.ts");
const TSC = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));
const VERSION = (JSON.parse(readFileSync(join(SDK, "package.json"), "utf8")) as { version: string }).version;

/** Browsers of the last three years. */
const BROWSERS = "es2022";

/** What the Worker serves at /sdk/v1/: two scripts for a tag, and the modules they load for a WebSocket and for more languages. */
export const SCRIPTS = {
  "sdk.js": { entry: "src/ui/script.ts", format: "iife" },
  "sdk-core.js": { entry: "src/browser/script.ts", format: "iife" },
  "live.js": { entry: "src/browser/socket.ts", format: "esm" },
  "texts.js": { entry: "src/ui/more-texts.ts", format: "esm" },
} as const;
const MODULES = {
  browser: "src/ui/module.ts",
  core: "src/browser/session.ts",
  loader: "src/browser/loader.ts",
  pricing: "pricing.ts",
  server: "src/server/marketplace.ts",
  express: "src/adapters/express.ts",
  hono: "src/adapters/hono.ts",
  sveltekit: "src/adapters/sveltekit.ts",
  next: "src/adapters/next.ts",
  receipts: "src/receipts/verify.ts",
} as const;

const minifiedCss: Plugin = {
  name: "minified-css",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const shared: BuildOptions = { bundle: true, absWorkingDir: SDK, plugins: [minifiedCss] };

/** One script as text, minified. */
export async function buildScript(name: keyof typeof SCRIPTS): Promise<string> {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: [SCRIPTS[name].entry],
    format: SCRIPTS[name].format,
    minify: true,
    target: BROWSERS,
    legalComments: "none",
    write: false,
  });
  return outputFiles[0]!.text;
}

/** Writes sdk/dist and the Worker's generated module. */
export async function buildSdk(): Promise<void> {
  const names = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];
  const modules = { ...shared, outdir: DIST, format: "esm", target: BROWSERS } as const;
  const [texts] = await Promise.all([
    Promise.all(names.map(buildScript)),
    build({ ...modules, entryPoints: { ...MODULES }, sourcemap: true }),
    build({ ...modules, entryPoints: { node: "node.ts" }, platform: "node", sourcemap: true }),
    // The command of the package, one file for Node.
    build({ ...modules, entryPoints: { cli: "bin/meterplace.ts" }, platform: "node" }),
  ]);
  mkdirSync(dirname(GENERATED), { recursive: true });
  const scripts = Object.fromEntries(names.map((name, index) => [name, texts[index]!]));
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(DIST, name), text);
  writeFileSync(
    GENERATED,
    `// Made by sdk/build.ts. Do not edit, do not commit.\nexport const SDK_VERSION = ${JSON.stringify(VERSION)};\n` +
      `export const SDK_SCRIPTS: Record<string, string> = ${JSON.stringify(scripts, null, 2)};\n`,
  );
}

/** Writes the type declarations of sdk/dist. Seconds: it runs the TypeScript compiler. */
export async function buildTypes(): Promise<void> {
  const compile = promisify(execFile);
  await Promise.all(
    ["tsconfig.build.json", "tsconfig.pricing.json", "tsconfig.node.json"].map((project) =>
      compile(process.execPath, [TSC, "-p", join(SDK, project)]),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildSdk();
  if (process.argv.includes("--types")) await buildTypes();
  process.stdout.write(`sdk ${VERSION}: ${relative(process.cwd(), DIST)}\n`);
}
