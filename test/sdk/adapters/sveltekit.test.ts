// The SvelteKit adapter in SvelteKit's own server, with the package as providers install it.

import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Handle } from "@sveltejs/kit";
import { beforeAll, expect, it } from "vitest";
import { meterplace } from "../../../sdk/src/adapters/sveltekit.ts";
import { Marketplace } from "../../../sdk/src/server/marketplace.ts";
import { freePort, untilItAnswers } from "../local-server.ts";
import { COOKIE_SECRET, ISSUER, market, PROVIDER_ID, WEBHOOK_SECRET } from "./market.ts";
import { adapterPromises, type AppUnderTest } from "./promises.ts";

const APP = join(import.meta.dirname, "kit-app");
const VITE = join(import.meta.dirname, "../../../node_modules/vite/bin/vite.js");
const START_LIMIT_MS = 60_000;

let app: AppUnderTest;
beforeAll(async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const own = await market(new URL(origin).host);
  const settings = {
    marketplace: { apiKey: "mk_test_a", baseUrl: own.api.origin, issuer: ISSUER, providerId: PROVIDER_ID, retries: 0 },
    gate: { appUrl: origin, cookieSecret: COOKIE_SECRET, webhookSecret: WEBHOOK_SECRET },
  };
  const server = spawn(process.execPath, [VITE, "dev", "--port", String(port), "--strictPort"], {
    cwd: APP,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, KIT_APP_SETTINGS: JSON.stringify(settings) },
  });
  app = { market: own, cookieName: "meterplace", fetch: (path, init) => fetch(origin + path, init) };
  const ended = new Promise<never>((_resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`The app ended with ${code}.`)));
  });
  ended.catch(() => {});
  await Promise.race([untilItAnswers(`${origin}/heard`), ended]);
  return () => {
    server.kill();
    own.close();
  };
}, START_LIMIT_MS);

adapterPromises(() => app);

it("is a Handle by SvelteKit's own types", () => {
  const marketplace = new Marketplace({ apiKey: "k", providerId: PROVIDER_ID });
  const gate = meterplace({ marketplace, appUrl: "https://app.example/", cookieSecret: COOKIE_SECRET });
  const handle: Handle = gate.handle;
  expect(handle).toBeTypeOf("function");
});
