// The SDK's scripts, from the module `sdk/build.ts` makes. `/sdk.js` follows the newest build; under `/sdk/v1/` the names
// that carry a hash never change, and `/sdk/v1/manifest.json` lists them with what a page needs for Subresource Integrity.

import { DEFAULT_API_ORIGIN, DEFAULT_WEB_ORIGIN } from "../../sdk/src/protocol/origins.ts";
import { SDK_SCRIPTS, SDK_VERSION } from "../generated/sdk.gen.ts";
import type { Env } from "../env.ts";
import { newRouter } from "../http.ts";

/** A page that loads the moving name sees a new build after this long at the latest. */
const MOVING = "public, max-age=300, stale-while-revalidate=86400";
const FOREVER = "public, max-age=31536000, immutable";

interface Script {
  text: string;
  /** `sha384-...`, the form of the integrity attribute. */
  integrity: string;
  /** Name with a hash: `sdk.3f9a01bc22d4.js`. */
  fixedName: string;
}

export const sdkRoutes = newRouter();

sdkRoutes.get("/sdk.js", async (c) => answer(c.req.raw, (await scriptsFor(c.env)).get("sdk.js"), MOVING));

sdkRoutes.get("/sdk/v1/manifest.json", async (c) => {
  const files = [...(await scriptsFor(c.env))].map(([name, { fixedName, integrity, text }]) => [
    name,
    { url: `${c.env.API_ORIGIN}/sdk/v1/${fixedName}`, integrity, bytes: new TextEncoder().encode(text).length },
  ]);
  c.header("Cache-Control", MOVING);
  c.header("Cross-Origin-Resource-Policy", "cross-origin");
  return c.json({ version: SDK_VERSION, files: Object.fromEntries(files) });
});

sdkRoutes.get("/sdk/v1/:file", async (c) => {
  const scripts = await scriptsFor(c.env);
  const name = c.req.param("file");
  const fixed = [...scripts.values()].find((script) => script.fixedName === name);
  if (fixed) return answer(c.req.raw, fixed, FOREVER);
  const moving = scripts.get(name);
  return moving ? answer(c.req.raw, moving, MOVING) : c.notFound();
});

function answer(request: Request, script: Script | undefined, cacheControl: string): Response {
  if (!script) return new Response(null, { status: 404 });
  const etag = `"${script.integrity}"`;
  const headers = {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": cacheControl,
    ETag: etag,
    // Pages of other origins load it, isolated ones (COEP) included. It holds nothing secret.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
  };
  const known =
    request.headers
      .get("If-None-Match")
      ?.split(",")
      .map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  return new Response(script.text, { headers });
}

let scripts: Promise<Map<string, Script>> | null = null;

/** Made once an isolate: the scripts with this deployment's origins in place of the package's defaults. */
function scriptsFor(env: Pick<Env, "API_ORIGIN" | "WEB_ORIGIN">): Promise<Map<string, Script>> {
  return (scripts ??= makeScripts(env));
}

async function makeScripts(env: Pick<Env, "API_ORIGIN" | "WEB_ORIGIN">): Promise<Map<string, Script>> {
  const made = new Map<string, Script>();
  for (const [name, built] of Object.entries(SDK_SCRIPTS)) {
    const text = built.replaceAll(DEFAULT_API_ORIGIN, env.API_ORIGIN).replaceAll(DEFAULT_WEB_ORIGIN, env.WEB_ORIGIN);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-384", new TextEncoder().encode(text)));
    const hash = Array.from(digest.slice(0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
    made.set(name, {
      text,
      integrity: `sha384-${btoa(String.fromCharCode(...digest))}`,
      fixedName: name.replace(/\.js$/, `.${hash}.js`),
    });
  }
  return made;
}
