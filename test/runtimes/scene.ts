// The scene in which every runtime walks (walk.mjs), and how it is walked in a process or in workerd. Used by the package's
// tests (Node and workerd) and by `npm run test:runtimes` (those, the machine's own Node, Deno and Bun).

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { Webhook } from "standardwebhooks";
import { LAUNCH_SECONDS, LAUNCH_TOKEN_TYPE } from "../../sdk/src/protocol/session.ts";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "../..");
const LIMIT_MS = 60_000;

export interface Outcome {
  name: string;
  error: string | null;
}

/** A launch token, its public key, and a webhook signed by the library the standard's authors publish. */
export async function makeScene(origin: string) {
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
export async function withApi<T>(work: (origin: string, publish: (jwks: object) => void) => Promise<T>): Promise<T> {
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
    const body = JSON.parse(text) as { action?: string; sessionId?: string; events?: { idempotencyKey: string }[] };
    if (request.url === "/v1/provider/sessions/sync")
      return body.action === "start"
        ? answer(200, { session: { id: "session-1", status: "active" }, sessionToken: "token-1" })
        : body.sessionId === "session-1"
          ? answer(200, { session: { id: "session-1", status: "active" } })
          : answer(404, { code: "session_not_found", detail: "There is no such session." });
    if (request.url === "/v1/provider/webhooks") {
      const attempt = (seen.get(String(request.headers["idempotency-key"])) ?? 0) + 1;
      seen.set(String(request.headers["idempotency-key"]), attempt);
      return attempt === 1
        ? request.socket.destroy()
        : answer(201, { webhook: { id: `webhook-of-attempt-${attempt}` } });
    }
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

/** The API must stay awake meanwhile, so the runtime is not waited for synchronously. */
export async function inProcess(command: string, args: string[], scene: object): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), "runtime-"));
  const child = spawn(command, [...args, join(HERE, "process.mjs"), JSON.stringify(scene), folder], {
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
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  return JSON.parse(output) as Outcome[];
}

export async function inWorkerd(scene: object): Promise<Outcome[]> {
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
