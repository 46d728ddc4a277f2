// The guide's samples, really run: each in a Node process of its own, with the package as providers install it, in the
// framework they are for. Next's run in `npm run test:runtimes`.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort, untilItAnswers } from "../local-server.ts";
import { COOKIE_SECRET, market, WEBHOOK_SECRET } from "./market.ts";
import { sample, settingsSample } from "./snippets.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** What the guide leaves to the reader: an app, a page that says it is up, and the port. */
const AROUND = {
  Express: {
    before: 'import express from "express"; const app = express();',
    after: 'app.get("/up", (_request, response) => response.send("up")); app.listen(process.env.PORT);',
  },
  Hono: {
    before: 'import { Hono } from "hono"; import { serve } from "@hono/node-server"; const app = new Hono();',
    after: 'app.get("/up", (c) => c.text("up")); serve({ fetch: app.fetch, port: Number(process.env.PORT) });',
  },
} as const;

async function start(framework: keyof typeof AROUND) {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const own = await market(new URL(origin).host);
  const { before, after } = AROUND[framework];
  const code = [before, settingsSample({ origin, api: own.api.origin }), sample(framework), after].join("\n");
  const app = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PORT: String(port), MARKETPLACE_KEY: "mk_test_a", COOKIE_SECRET, WEBHOOK_SECRET },
  });
  onTestFinished(() => {
    app.kill();
    own.close();
  });
  const ended = new Promise<never>((_resolve, reject) => {
    app.once("exit", (exitCode) => reject(new Error(`The sample ended with ${exitCode}.`)));
  });
  ended.catch(() => {});
  await Promise.race([untilItAnswers(`${origin}/up`), ended]);
  const ask = (path: string, init: RequestInit = {}) => fetch(origin + path, { redirect: "manual", ...init });
  return { own, ask };
}

describe.each(Object.keys(AROUND) as (keyof typeof AROUND)[])("the guide's sample for %s", (framework) => {
  it("lets a visitor in by a launch link, guards its route, and takes webhooks", async () => {
    const { own, ask } = await start(framework);
    const { path, sessionId } = await own.launch();
    const entered = await ask(path, { headers: { Accept: "text/html" } });
    expect(entered.status).toBe(303);
    const cookie = entered.headers
      .getSetCookie()
      .find((line) => line.startsWith("meterplace="))!
      .split(";")[0]!;
    expect((await ask("/work", { method: "POST" })).status).toBe(401);
    const worked = await ask("/work", { method: "POST", headers: { Cookie: cookie } });
    expect([worked.status, await worked.json()]).toEqual([200, expect.stringMatching(/^person-/)]);
    const { body, headers } = await own.webhook("session.completed", sessionId);
    const heard = await ask("/meterplace/webhooks", { method: "POST", body, headers });
    expect(heard.status).toBe(204);
  }, 30_000);
});

it("SvelteKit's sample is what the app of sveltekit.test.ts runs", () => {
  const hooks = readFileSync(join(import.meta.dirname, "kit-app/src/hooks.server.js"), "utf8");
  const [inHooks, inRoute] = sample("SvelteKit").split("\n// in +server.js or a load function\n");
  for (const line of inHooks!.split("\n").filter((text) => text && !text.startsWith("//")))
    expect(hooks).toContain(line.replace(/\s*\/\/.*$/, ""));
  const route = readFileSync(join(import.meta.dirname, "kit-app/src/routes/work/+server.js"), "utf8");
  expect(route).toContain(inRoute!.replace(/\s*\/\/.*$/m, "").trim());
});
