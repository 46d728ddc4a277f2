// The one workerd: the API Worker on its own socket, and the PWA's Worker, which reaches the API over a service binding
// as on Pages. Both on direct sockets: Miniflare's own front door costs twice the CPU of a request.

import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4WorkerOptions,
  type V4WorkerOptionsShape,
} from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import { API_ASSETS, API_BUNDLE, WEB_ASSETS, WEB_WORKER } from "../build/all.ts";
import { EGRESS } from "./egress.ts";
import type { Secrets } from "./secrets.ts";
import { persistPath, ROOT, type Settings } from "./settings.ts";
import { giveYoungObjectsRoom } from "./young-space.ts";

export const API_WORKER = "meterplace-api";
const WEB_WORKER_NAME = "meterplace-web";
/** Nothing is reachable from other machines. */
const HOST = "127.0.0.1";
/** What the stand-in takes; a test key, or the gateway would refuse a base that is not Stripe's. */
const STANDIN_KEY = "sk_test_standin";

/** Starts workerd on the built bundles. `onRestart` runs when it crashed and Miniflare brought it back. */
export async function startRuntime(settings: Settings, secrets: Secrets, onRestart: () => void): Promise<Miniflare> {
  giveYoungObjectsRoom();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: logWriter(settings),
      resourcePersistencePath: persistPath(settings),
      unsafeHandleRuntimeRestart: onRestart,
      workers: [apiWorker(settings, secrets), webWorker(settings)],
    }),
  );
  await miniflare.ready;
  return miniflare;
}

/** The schedules of wrangler.toml, which nothing local fires by itself. */
export const cronSchedules = (): string[] => declared("wrangler.toml").cronTriggers ?? [];

/** What a wrangler.toml declares: bindings, queues, objects, compatibility. wrangler's own type for it says less. */
const declared = (path: string): V4WorkerOptionsShape =>
  workerOptionsOf(join(ROOT, path)).workerOptions as V4WorkerOptionsShape;

function apiWorker(settings: Settings, secrets: Secrets): V4WorkerOptions {
  // Given as they are declared, assets would put Miniflare's own Workers in front of every request, at three times the cost of
  // a bare one. Ours go to the Worker first anyway, which reads them as files here.
  const { assets: _, ...options } = declared("wrangler.toml");
  const ASSETS = { disk: { path: join(ROOT, API_ASSETS), writable: false } };
  return {
    ...options,
    name: API_WORKER,
    modules: modulesIn(join(ROOT, API_BUNDLE)),
    modulesRoot: join(ROOT, API_BUNDLE),
    bindings: { ...options.bindings, ...localBindings(settings, secrets) },
    serviceBindings: { ...options.serviceBindings, EGRESS, ASSETS },
    unsafeDirectSockets: [{ host: HOST, port: settings.ports.api }],
  };
}

/** What wrangler.toml leaves to the place it runs in: secrets, and addresses that follow the chosen ports. */
export function localBindings(settings: Settings, secrets: Secrets): Record<string, string> {
  const bindings = {
    ...secrets,
    ...settings.ownModel,
    API_ORIGIN: settings.origins.api,
    WEB_ORIGIN: settings.origins.web,
    RATE_LIMITS: settings.rateLimits,
  };
  return settings.stripeSecretKey
    ? {
        ...bindings,
        STRIPE_SECRET_KEY: settings.stripeSecretKey,
        ...(settings.stripeWebhookSecret && { STRIPE_WEBHOOK_SECRET: settings.stripeWebhookSecret }),
      }
    : { ...bindings, STRIPE_SECRET_KEY: STANDIN_KEY, STRIPE_API_BASE: `http://${HOST}:${settings.ports.stripe}` };
}

function webWorker(settings: Settings): V4WorkerOptions {
  return {
    ...declared("web/wrangler.toml"),
    name: WEB_WORKER_NAME,
    modules: [{ type: "ESModule", path: join(ROOT, WEB_WORKER) }],
    modulesRoot: join(ROOT, "dist/web"),
    assets: { directory: join(ROOT, WEB_ASSETS), binding: "ASSETS", routerConfig: { has_user_worker: true } },
    unsafeDirectSockets: [{ host: HOST, port: settings.ports.web }],
  };
}

/** wrangler leaves the entry and beside it the files imported as text, data or wasm. */
function modulesIn(folder: string): { type: "ESModule" | "Text" | "Data" | "CompiledWasm"; path: string }[] {
  const types = { js: "ESModule", txt: "Text", html: "Text", sql: "Text", bin: "Data", wasm: "CompiledWasm" } as const;
  const modules = readdirSync(folder).flatMap((name) => {
    const type = types[name.split(".").at(-1) as keyof typeof types];
    return type ? [{ type, path: join(folder, name), contents: readFileSync(join(folder, name)) }] : [];
  });
  // The first module is the entry.
  return modules.sort((a, b) => Number(b.path.endsWith("/index.js")) - Number(a.path.endsWith("/index.js")));
}

/** Everything the Workers say goes to a file; what they call an error is also shown. */
function logWriter(settings: Settings): (log: { level: string; message: string }) => void {
  const folder = join(settings.stateDir, "logs");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "workers.log");
  return ({ level, message }) => {
    appendFileSync(file, `${level} ${message}\n`);
    if (level === "error") console.error(message);
  };
}
