// `npm run test:runtimes`: the server client as providers install it, really run in Node (this one and the machine's own),
// workerd, Deno and Bun. The last two come as npm packages, fetched once into node_modules/.cache: 200 MB that `npm test`
// should not cost everybody.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { Webhook } from "standardwebhooks";
import { buildSdk } from "../sdk/build.ts";
import { LAUNCH_SECONDS, LAUNCH_TOKEN_TYPE } from "../sdk/src/protocol/session.ts";
import { closingLine } from "./test/steps.ts";
import { ROOT } from "./start/settings.ts";

const FETCHED = { deno: "2.9.6", bun: "1.4.5" } as const;
const CACHE = join(ROOT, "node_modules", ".cache", "runtimes");
const HERE = join(ROOT, "test", "runtimes");
const LIMIT_MS = 60_000;

interface Outcome {
  name: string;
  error: string | null;
}

/** A launch token, its public key, and a webhook signed by the library the standard's authors publish. */
async function makeScene(origin: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const now = Math.floor(Date.now() / 1000);
  const launchToken = await new SignJWT({ provider_id: "app-1", session_id: "session-1" })
    .setProtectedHeader({ alg: "ES256", typ: LAUNCH_TOKEN_TYPE, kid: "key-1" })
    .setIssuer("https://market.example")
    .setAudience("app.example")
    .setSubject("subject-1")
    .setJti("jti-1")
    .setIssuedAt(now)
    .setExpirationTime(now + LAUNCH_SECONDS)
    .sign(privateKey);
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const body = JSON.stringify({ id: "event-1", type: "session.started", data: {} });
  const at = new Date();
  const headers = {
    "webhook-id": "event-1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign("event-1", at, body),
  };
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "key-1", alg: "ES256", use: "sig" }] };
  return { jwks, scene: { origin, launchToken, webhook: { body, headers, secret } } };
}

/** Plays the API: every job is out of order once, then accepted under the same key. */
async function withApi<T>(work: (origin: string, publish: (jwks: object) => void) => Promise<T>): Promise<T> {
  let jwks: object = { keys: [] };
  const seen = new Map<string, number>();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const answer = (status: number, body: object) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (request.url === "/.well-known/jwks.json") return answer(200, jwks);
    const body = JSON.parse(text) as { sessionId?: string; events?: { idempotencyKey: string }[] };
    if (request.url === "/v1/provider/sessions/sync")
      return body.sessionId === "session-1"
        ? answer(200, { session: { id: "session-1", status: "active" } })
        : answer(404, { code: "session_not_found", detail: "There is no such session." });
    const key = body.events?.[0]?.idempotencyKey ?? "";
    const tries = (seen.get(key) ?? 0) + 1;
    seen.set(key, tries);
    if (key === "job-1" && tries === 1) return answer(503, { code: "internal" });
    return answer(200, { results: body.events?.map(() => ({ status: "accepted" })) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, (keys) => {
      jwks = keys;
      seen.clear();
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function fetchRuntime(name: keyof typeof FETCHED): string {
  const folder = join(CACHE, name);
  const program = join(folder, "node_modules", ".bin", name);
  if (!existsSync(program)) {
    console.log(`Fetching ${name} ${FETCHED[name]} as an npm package (once).`);
    mkdirSync(folder, { recursive: true });
    execFileSync(
      "npm",
      ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `${name}@${FETCHED[name]}`],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
  }
  return program;
}

/** The API must stay awake meanwhile, so the runtime is not waited for synchronously. */
async function inProcess(command: string, args: string[], scene: object): Promise<Outcome[]> {
  const child = spawn(command, [...args, join(HERE, "process.mjs"), JSON.stringify(scene)], {
    cwd: ROOT,
    timeout: LIMIT_MS,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  return JSON.parse(output) as Outcome[];
}

async function inWorkerd(scene: object): Promise<Outcome[]> {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, "worker.mjs")],
    bundle: true,
    format: "esm",
    write: false,
  });
  // No compatibility flags: the package must need nothing of Node.
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      workers: [{ name: "walk", modules: true, script: outputFiles[0]!.text, compatibilityDate: "2026-10-30" }],
    }),
  );
  try {
    const answer = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(scene) });
    return (await answer.json()) as Outcome[];
  } finally {
    await miniflare.dispose();
  }
}

const version = (command: string, args = ["--version"]) =>
  spawnSync(command, args, { encoding: "utf8" }).stdout.trim().split("\n")[0]!;

async function main(): Promise<void> {
  await buildSdk();
  const systemNode = (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, "node"))
    .find((path) => existsSync(path));
  const deno = fetchRuntime("deno");
  const bun = fetchRuntime("bun");
  const runtimes: Record<string, (scene: object) => Promise<Outcome[]>> = {
    [`node ${process.version}`]: (scene) => inProcess(process.execPath, [], scene),
    ...(systemNode && { [`node ${version(systemNode)}`]: (scene: object) => inProcess(systemNode, [], scene) }),
    workerd: inWorkerd,
    [version(deno)]: (scene) => inProcess(deno, ["run", "--allow-net=127.0.0.1", "--allow-read", "--no-prompt"], scene),
    [`bun ${version(bun)}`]: (scene) => inProcess(bun, [], scene),
  };
  let passed = 0;
  let failed = 0;
  await withApi(async (origin, publish) => {
    for (const [name, walkIn] of Object.entries(runtimes)) {
      const { jwks, scene } = await makeScene(origin);
      publish(jwks);
      console.log(name);
      for (const { name: promise, error } of await walkIn(scene)) {
        console.log(`  ${error === null ? "ok" : "FAILED"} ${promise}${error === null ? "" : `\n    ${error}`}`);
        if (error === null) passed += 1;
        else failed += 1;
      }
    }
  });
  console.log(closingLine({ passed, failed, skipped: 0 }));
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

await main();
