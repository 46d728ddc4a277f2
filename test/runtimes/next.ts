// The guide's sample for Next in Next itself: an app made of it, served by `next dev`, with the package as npm packs it. Used by
// `npm run test:runtimes`; Next's 340 MB come from npm once.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePort, untilItAnswers } from "../sdk/local-server.ts";
import { COOKIE_SECRET, market, WEBHOOK_SECRET, type Market } from "../sdk/adapters/market.ts";
import { sample, settingsSample } from "../sdk/adapters/snippets.ts";
import type { Outcome } from "./scene.ts";

const SDK = join(import.meta.dirname, "../../sdk");
/** With the types it wants: what is missing it would install by itself, and take the package of ours away with that. */
const FETCHED = {
  next: "16.4.6",
  react: "19.2.0",
  "react-dom": "19.2.0",
  typescript: "7.0.2",
  "@types/node": "26.6.6",
  "@types/react": "19.3.0",
};
const START_LIMIT_MS = 120_000;

/** @param folder Where Next is installed, or will be; the app is written there. Outside `node_modules`, where Next compiles nothing. */
export async function inNext(folder: string): Promise<Outcome[]> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const own = await market(new URL(origin).host);
  install(folder);
  for (const [name, text] of Object.entries(appOf(origin, own))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const server = spawn(join(folder, "node_modules/.bin/next"), ["dev", "--port", String(port)], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
    env: {
      ...process.env,
      NEXT_TELEMETRY_DISABLED: "1",
      MARKETPLACE_KEY: "mk_test_a",
      COOKIE_SECRET,
      WEBHOOK_SECRET,
    },
  });
  const ended = new Promise<never>((_resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`Next ended with ${code}.`)));
    setTimeout(() => reject(new Error("Next did not answer in time.")), START_LIMIT_MS).unref();
  });
  ended.catch(() => {});
  try {
    await Promise.race([untilItAnswers(`${origin}/up`), ended]);
    return await visit(origin, own);
  } finally {
    // Next starts children of its own.
    if (server.exitCode === null) process.kill(-server.pid!, "SIGKILL");
    own.close();
  }
}

/** Next, once, and the package as it is now. */
function install(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: SDK,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [sdk] = Object.values(JSON.parse(packed) as Record<string, { filename: string }>);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "an-app", private: true, dependencies: FETCHED }));
  const args = ["install", "--prefix", folder, "--no-package-lock", "--no-audit", "--no-fund"];
  execFileSync("npm", args, { stdio: ["ignore", "ignore", "inherit"] });
  // Unpacked by hand: npm keeps a file of the same name and version, though it was packed anew.
  const own = join(folder, "node_modules/@meterplace/sdk");
  mkdirSync(own, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, sdk!.filename), "--strip-components", "1", "-C", own]);
}

/** The sample's files; Next 16 calls its middleware `proxy`, as the guide says. */
function appOf(origin: string, own: Market): Record<string, string> {
  const parts = sample("Next").split(/^\/\/ (.*)\n/m);
  const under = (heading: string) => parts[parts.findIndex((part) => part.startsWith(heading)) + 1]!;
  const gate = (depth: string) => `import { gate } from "${depth}lib/gate";\n`;
  return {
    "next.config.mjs": "export default { devIndicators: false };\n",
    "lib/gate.ts": settingsSample({ origin, api: own.api.origin }) + under("lib/gate.ts"),
    "proxy.ts": gate("./") + under("middleware.ts").replace("const middleware", "const proxy"),
    "app/meterplace/[action]/route.ts": gate("../../../") + under("app/meterplace/[action]/route.ts"),
    "app/work/route.ts": `import { cookies } from "next/headers";\n${gate("../../")}
      export const GET = async () => {
        ${under("a server component")}
        return Response.json({ userId: session?.userId, sessionId: session?.id });
      };`,
    "app/up/route.ts": 'export const GET = () => new Response("up");\n',
  };
}

async function visit(origin: string, own: Market): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const promise = async (name: string, work: () => Promise<unknown>, expected: unknown) => {
    const found = await work().catch((error: unknown) => String(error));
    const isKept = JSON.stringify(found) === JSON.stringify(expected);
    outcomes.push({ name, error: isKept ? null : `${JSON.stringify(found)} instead of ${JSON.stringify(expected)}` });
  };
  const ask = (path: string, init: RequestInit = {}) => fetch(origin + path, { redirect: "manual", ...init });
  const { path, sessionId } = await own.launch();
  const entered = await ask(path, { headers: { Accept: "text/html" } });
  const Cookie =
    entered.headers
      .getSetCookie()
      .find((line) => line.startsWith("meterplace="))
      ?.split(";")[0] ?? "";
  const inside = { headers: { Cookie } };
  await promise("lets in by a launch link", () => Promise.resolve([entered.status, Cookie !== ""]), [303, true]);
  await promise("guards the path", async () => (await ask("/work")).status, 401);
  await promise(
    "tells a server component who it is",
    async () => ((await (await ask("/work", inside)).json()) as { sessionId: string }).sessionId,
    sessionId,
  );
  await promise(
    "gives the page its session token",
    async () => (await ask("/meterplace/connection-token", { method: "POST", ...inside })).json(),
    { secret: `session-token-of-${sessionId}` },
  );
  own.sessions.get(sessionId)!.status = "completed";
  const { body, headers } = await own.webhook("session.completed", sessionId);
  await promise(
    "takes webhooks byte for byte",
    async () => (await ask("/meterplace/webhooks", { method: "POST", body, headers })).status,
    204,
  );
  await promise(
    "lets nobody in after the one that says it is over",
    async () => (await ask("/work", inside)).status,
    401,
  );
  const other = await own.launch();
  const again = await ask(other.path, { headers: { Accept: "text/html" } });
  const cookie = again.headers
    .getSetCookie()
    .find((line) => line.startsWith("meterplace="))!
    .split(";")[0]!;
  await promise(
    "ends the session and goes back to the marketplace",
    async () => {
      const left = await ask("/meterplace/leave", { method: "POST", headers: { Cookie: cookie } });
      return [left.status, own.sessions.get(other.sessionId)!.status];
    },
    [303, "completed"],
  );
  return outcomes;
}
