// `npm run bench:search`: what a search costs, by size of the catalogue: CPU of encoding the need, CPU and time of comparing it
// with 1,000 and 10,000 apps, and the memory of it. Recorded in docs/benchmarks.md; judges nothing.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { freePorts } from "../test/support/stack.ts";
import developmentSet from "../test/ranking/development-set.json" with { type: "json" };
import blindSet from "../test/ranking/blind-set.json" with { type: "json" };
import { ENCODER_ASSET } from "../workers/encoder-asset.ts";
import { madeUpApp, USE_CASES } from "./bench/search-catalogue.ts";
import { cpuMicros } from "./bench/cpu.ts";
import { median } from "./bench/figures.ts";
import { isolateMegabytes } from "./bench/isolate-memory.ts";
import { buildAll } from "./build/all.ts";
import { runOrThrow } from "./run.ts";
import { childrenNamed } from "./start/processes.ts";
import { ROOT } from "./start/settings.ts";

const SIZES = [1_000, 10_000];
const FILL = 250;
const HOST = "127.0.0.1";

const queries = [...developmentSet.needs, ...blindSet.needs].map(({ query }) => query);

await buildAll(console.log, ["sdk", "encoder"]);
const folder = mkdtempSync(join(tmpdir(), "meterplace-search-"));
const [port, inspectorPort] = await freePorts(2);
const undo: (() => Promise<unknown>)[] = [];
let roots: number[] = [];
try {
  await start();
  const empty = residentMegabytes();
  await post("/encoder", readFileSync(join(ROOT, "workers/assets", ENCODER_ASSET)));
  const encode = await each("/encode");
  console.log(`encoding a need: ${say(encode)}; memory with the encoder ${residentMegabytes() - empty} MB`);
  let made = 0;
  for (const size of SIZES) {
    for (; made < size; made += FILL)
      await post("/fill", JSON.stringify(Array.from({ length: FILL }, (_, i) => madeUpApp(made + i))));
    // As an object that was asleep: everything is read from its tables again, in a new process.
    await stop();
    await start();
    const asleep = residentMegabytes();
    const started = performance.now();
    await get("/search", "first search");
    const first = performance.now() - started;
    await each("/search");
    const search = await each("/search");
    console.log(
      `searching ${size} apps of ${USE_CASES} use cases: ${say(search)}; the first ${Math.round(first)} ms; ` +
        `the process grows by ${residentMegabytes() - asleep} MB`,
    );
    if (size === SIZES.at(-1)) {
      const index = await isolateMegabytes(inspectorPort!, "search", () => get("/", ""));
      await post("/encoder", readFileSync(join(ROOT, "workers/assets", ENCODER_ASSET)));
      await get("/encode", "a need");
      const both = await isolateMegabytes(inspectorPort!, "search", () => get("/", ""));
      console.log(
        `the isolate in workerd, by V8 after a collection: ${index.toFixed(1)} MB with the index of ${size} apps loaded, ` +
          `${both.toFixed(1)} MB with the encoder beside it (of 128 MB)`,
      );
    }
  }
  const live = await runOrThrow("node", ["--expose-gc", "scripts/bench/search-memory.ts", String(SIZES.at(-1))]);
  console.log(live.trim());
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}

async function start(): Promise<void> {
  const before = childrenNamed(process.pid, "workerd");
  const miniflare = await startWorker();
  undo.push(() => miniflare.dispose());
  roots = childrenNamed(process.pid, "workerd").filter((pid) => !before.includes(pid));
}
async function stop(): Promise<void> {
  for (const it of undo.splice(0)) await it();
}

interface Cost {
  cpuMs: number | null;
  medianMs: number;
  slowestMs: number;
}
function say({ cpuMs, medianMs, slowestMs }: Cost): string {
  const cpu = cpuMs === null ? "-" : cpuMs.toFixed(1);
  return `${cpu} ms of CPU, ${medianMs.toFixed(1)} ms in the middle, ${slowestMs.toFixed(1)} ms at most`;
}

/** Every query of the ranking sets once, one after the other. */
async function each(path: string): Promise<Cost> {
  const cpu = cpuMicros(roots);
  const times: number[] = [];
  for (const query of queries) {
    const started = performance.now();
    await get(path, query);
    times.push(performance.now() - started);
  }
  const used = cpuMicros(roots);
  return {
    cpuMs: cpu === null || used === null ? null : (used - cpu) / 1000 / queries.length,
    medianMs: median(times)!,
    slowestMs: Math.max(...times),
  };
}

async function get(path: string, query: string): Promise<void> {
  const answer = await fetch(`http://${HOST}:${port}${path}?q=${encodeURIComponent(query)}`);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  await answer.arrayBuffer();
}
async function post(path: string, body: BodyInit): Promise<void> {
  const answer = await fetch(`http://${HOST}:${port}${path}`, { method: "POST", body });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
}

/** Resident memory of the workerd processes: JavaScript, vectors, SQLite's pages and workerd itself. */
function residentMegabytes(): number {
  const kilobytes = roots.map((pid) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0),
  );
  return Math.round(kilobytes.reduce((sum, one) => sum + one, 0) / 1024);
}

async function startWorker(): Promise<Miniflare> {
  const bundle = join(folder, "worker.js");
  await build({
    entryPoints: [join(ROOT, "scripts/bench/search-worker.ts")],
    outfile: bundle,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    logLevel: "warning",
  });
  const started = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      inspectorPort: inspectorPort!,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
      resourcePersistencePath: join(folder, "state"),
      workers: [
        {
          name: "search",
          modules: [{ type: "ESModule", path: bundle }],
          modulesRoot: folder,
          compatibilityDate: "2026-10-30",
          durableObjects: { INDEX: { className: "BenchIndex", useSQLite: true } },
          unsafeDirectSockets: [{ host: HOST, port: port! }],
        },
      ],
    }),
  );
  await started.ready;
  return started;
}
