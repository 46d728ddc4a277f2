// The starter, as somebody uses it: made with one command, started with Node alone, visited, told of webhooks.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { publint } from "publint";
import { signWebhook } from "../../sdk/src/server/marketplace.ts";
import { ISSUER, market, PROVIDER_ID } from "./adapters/market.ts";
import { freePort, untilItAnswers } from "./local-server.ts";

const PACKAGE = join(import.meta.dirname, "../../create-meterplace-app");
const BIN = join(PACKAGE, "bin.mjs");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "meterplace-create-"));
  return () => rmSync(folder, { recursive: true });
});
const create = (...args: string[]) => spawnSync(process.execPath, [BIN, ...args], { cwd: folder, encoding: "utf8" });

describe("npm create meterplace-app", () => {
  it("makes an app that starts with Node alone and meters its visitors", async () => {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const own = await market(new URL(origin).host);
    onTestFinished(own.close);
    const given = {
      "provider-id": PROVIDER_ID,
      key: "mk_test_a",
      api: own.api.origin,
      marketplace: ISSUER,
      meter: "text",
    };
    const options = Object.entries({ ...given, port: String(port) }).flatMap(([name, value]) => [`--${name}`, value]);
    const made = create("My-App", ...options);
    expect([made.status, made.stderr]).toEqual([0, ""]);
    expect(made.stdout).toContain("npm start");
    expect(made.stdout).not.toContain("npm install");
    const place = join(folder, "My-App");
    const scripts = (JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as { scripts: { start: string } })
      .scripts;
    expect(statSync(join(place, ".env")).mode & 0o077).toBe(0);

    // `npm start`, without npm between: its script is `node ...`.
    const program = spawn(process.execPath, scripts.start.split(" ").slice(1), { cwd: place, stdio: "ignore" });
    onTestFinished(() => void program.kill());
    await untilItAnswers(`${origin}/logo.svg`);

    const outside = await (await fetch(`${origin}/`)).text();
    expect(outside).toContain(`src="${own.api.origin}/sdk.js"`);
    expect(outside).toContain(`data-provider-id="${PROVIDER_ID}"`);
    expect(outside).not.toContain("%");
    const order = { method: "POST", body: JSON.stringify({ id: "order-1", text: "two words" }) };
    expect((await fetch(`${origin}/work`, order)).status).toBe(401);

    const { path, sessionId } = await own.launch({ path: "/" });
    const arrived = await fetch(origin + path, { redirect: "manual" });
    expect(arrived.headers.get("location")).toBe(`${origin}/`);
    const headers = { Cookie: arrived.headers.getSetCookie()[0]!.split(";")[0]! };
    const done = await fetch(`${origin}/work`, { ...order, headers });
    expect(await done.json()).toEqual({ words: 2, letters: 8 });
    expect(own.api.heard.at(-1)!.body).toEqual({
      events: [{ sessionId, meter: "text", units: 1, idempotencyKey: "order-1" }],
    });
    const token = await fetch(`${origin}/meterplace/connection-token`, { method: "POST", headers });
    expect(await token.json()).toEqual({ secret: `session-token-of-${sessionId}` });

    const secret = /^WEBHOOK_SECRET=(.*)$/m.exec(readFileSync(join(place, ".env"), "utf8"))![1]!;
    const body = JSON.stringify({ id: "e-1", type: "session.completed", data: { sessionId } });
    own.sessions.get(sessionId)!.status = "completed";
    const told = await fetch(`${origin}/meterplace/webhooks`, {
      method: "POST",
      body,
      headers: await signWebhook({ id: "e-1" }, body, secret),
    });
    expect(told.status).toBe(204);
    expect((await fetch(`${origin}/work`, { ...order, headers })).status).toBe(401);
  });

  it("says what is still to do, and writes over nothing", () => {
    const made = create("other");
    expect(made.stdout).toContain("fill in PROVIDER_ID and MARKETPLACE_KEY");
    const again = create("other");
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("is not empty")]);
    for (const args of [[], ["a", "b"], ["Über uns"], ["x", "--port", "no"], ["x", "--api", "no"], ["x", "--what"]])
      expect(create(...args).status, args.join(" ")).toBe(1);
    const start = spawnSync(process.execPath, ["--env-file=.env", "server.mjs"], {
      cwd: join(folder, "other"),
      encoding: "utf8",
    });
    expect([start.status, start.stderr]).toEqual([1, expect.stringContaining("are missing in .env")]);
  });

  it("is a package npm would take, with the template in it", async () => {
    const { messages } = await publint({ pkgDir: PACKAGE, pack: false, strict: true });
    expect(messages).toEqual([]);
    const output = execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: PACKAGE, encoding: "utf8" });
    const [packed] = Object.values(JSON.parse(output) as Record<string, { files: { path: string }[] }>);
    const paths = packed!.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(["bin.mjs", "template/server.mjs", "template/gitignore", "template/public/app.js"]),
    );
  });
});
