// Label Press (test/second-provider) under Node, as its README starts it. What it does with the real marketplace:
// test/workers/second-provider.test.ts.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { freePort, untilItAnswers } from "./local-server.ts";
import { ISSUER, market, PROVIDER_ID } from "./adapters/market.ts";
import { symbolsOf } from "../second-provider/code128.mjs";

const PROGRAM = join(import.meta.dirname, "../second-provider/serve.mjs");

it("opens a desk for who comes by a launch link, and keeps the pass from who does not", async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const own = await market(new URL(origin).host);
  onTestFinished(own.close);
  const settings = {
    PORT: String(port),
    API: own.api.origin,
    MARKETPLACE: ISSUER,
    PROVIDER_ID,
    LIVE_KEY: "mk_live_a",
    TEST_KEY: "mk_test_a",
  };
  const program = spawn(process.execPath, [PROGRAM], { env: { ...process.env, ...settings }, stdio: "inherit" });
  onTestFinished(() => void program.kill());
  await untilItAnswers(origin);

  const { path, sessionId } = await own.launch({ path: "/" });
  const arrived = await fetch(origin + path, { redirect: "manual" });
  expect([arrived.status, arrived.headers.get("location")]).toEqual([303, `${origin}/`]);
  const cookie = arrived.headers.getSetCookie()[0]!;
  expect(cookie).toMatch(/HttpOnly/);
  const inside = { headers: { Cookie: cookie.split(";")[0]! } };
  expect(await (await fetch(`${origin}/`, inside)).text()).toContain("Time left");
  expect(await (await fetch(`${origin}/pass`, inside)).json()).toMatchObject({
    token: `session-token-of-${sessionId}`,
    back: `${ISSUER}/session/complete?session_id=${sessionId}&state=st`,
  });
  expect((await fetch(`${origin}/pass`)).status).toBe(401);
  expect(await (await fetch(`${origin}/meter.mjs`)).text()).toContain("heartbeat");
  expect((await fetch(origin + path, { redirect: "manual" })).status).toBe(409);
});

it("prints what a scanner reads: start of set B, the letters, and the check symbol that Wikipedia's own example has", () => {
  expect(symbolsOf("Wikipedia")).toEqual([104, 55, 73, 75, 73, 80, 69, 68, 73, 65, 88]);
});
