// Runs the floor's Worker in a Miniflare of its own and measures its operations with the driver of the scenarios.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { freePorts } from "../../test/support/stack.ts";
import { childrenNamed } from "../start/processes.ts";
import { ROOT } from "../start/settings.ts";
import { giveYoungObjectsRoom } from "../start/young-space.ts";
import { Client } from "./client.ts";
import { CYCLE_STEPS, type FloorFigures, type FloorOperation } from "./floor-operations.ts";
import { measure, warmUp, untilWarm, type Load } from "./measure.ts";
import { openBeatSocket } from "./sockets.ts";

const HOST = "127.0.0.1";
const SOCKETS = 200;
const WARM_UP_SECONDS = 0.5;

/** As a page's beat is sent: a token of the usual length and a few bytes. */
const POST = {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${"x".repeat(400)}` },
  body: '{"action":"heartbeat"}',
};

export interface Floor {
  /** Once before these are measured. */
  warmUp: (operations: readonly FloorOperation[]) => Promise<void>;
  /** Measures each of these once. */
  measure: (operations: readonly FloorOperation[]) => Promise<FloorFigures>;
  stop: () => Promise<void>;
}

export interface FloorSettings {
  connections: number;
  seconds: number;
  catalogueBytes: number;
}

export async function startFloor({ connections, seconds, catalogueBytes }: FloorSettings): Promise<Floor> {
  const folder = mkdtempSync(join(tmpdir(), "meterplace-floor-"));
  const [port] = await freePorts(1);
  const sink = createServer((request, response) => request.resume().on("end", () => response.end("ok")));
  await new Promise<void>((resolve) => sink.listen(0, HOST, resolve));
  const before = childrenNamed(process.pid, "workerd");
  const miniflare = await startWorker(folder, port!, `http://${HOST}:${(sink.address() as { port: number }).port}/`);
  const roots = childrenNamed(process.pid, "workerd").filter((pid) => !before.includes(pid));
  const origin = `http://${HOST}:${port}`;
  const client = new Client(origin, connections);
  await client.must({ method: "GET", path: `/prepare?bytes=${catalogueBytes}`, headers: {} });
  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, () => openBeatSocket(`ws://${HOST}:${port}/socket`, [], {})),
  );
  const own = Array.from({ length: connections }, (_, worker) =>
    sockets.filter((_socket, index) => index % connections === worker),
  );

  const workOf = (operation: FloorOperation): Load["work"] => {
    const path = `/${operation}`;
    const request = operation === "post" ? { ...POST, path } : { method: "GET", path, headers: {} };
    if (operation === "cycle") return cycleOf(path);
    const message = { socketBeat: "beat", socketWords: POST.body }[operation as string];
    if (!message) return async (recorder) => ((await recorder.send(request)).status === 200 ? 1 : 0);
    return async (_recorder, worker) => {
      const socket = own[worker]!.shift()!;
      await socket.say(message);
      own[worker]!.push(socket);
      return 1;
    };
  };
  let sessions = 0;
  const cycleOf =
    (path: string): Load["work"] =>
    async (recorder) => {
      const session = sessions++;
      for (const step of CYCLE_STEPS)
        if ((await recorder.send({ ...POST, path: `${path}?${step}-${session}` })).status !== 200) return 0;
      return 1;
    };

  /** A cycle is as long as many of the others. */
  const loadOf = (operation: FloorOperation): Load => ({
    client,
    roots,
    connections,
    seconds: operation === "cycle" ? 3 * seconds : seconds,
    work: workOf(operation),
  });

  return {
    warmUp: async (operations) => {
      for (const operation of operations) await untilWarm(loadOf(operation));
    },
    measure: async (operations) => {
      const figures: FloorFigures = {};
      for (const operation of operations) {
        await client.must({ method: "GET", path: "/warm", headers: {} });
        const load = loadOf(operation);
        await warmUp(load, WARM_UP_SECONDS);
        const { cpuMicrosPerUnit, errors } = await measure(load);
        if (Object.keys(errors).length > 0) throw new Error(`floor ${operation}: ${JSON.stringify(errors)}`);
        if (cpuMicrosPerUnit !== null) figures[operation] = cpuMicrosPerUnit;
      }
      return figures;
    },
    stop: async () => {
      for (const socket of sockets) socket.close();
      client.close();
      await miniflare.dispose();
      sink.closeAllConnections();
      await new Promise((resolve) => sink.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startWorker(folder: string, port: number, sinkUrl: string): Promise<Miniflare> {
  const bundle = join(folder, "worker.js");
  await build({
    entryPoints: [join(ROOT, "scripts/bench/floor-worker.ts")],
    outfile: bundle,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    logLevel: "warning",
  });
  giveYoungObjectsRoom();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
      resourcePersistencePath: join(folder, "state"),
      workers: [
        {
          name: "floor",
          modules: [{ type: "ESModule", path: bundle }],
          modulesRoot: folder,
          compatibilityDate: "2026-10-30",
          d1Databases: { DB: "floor" },
          durableObjects: {
            OBJECTS: { className: "FloorObject", useSQLite: true },
            WRITER: { className: "FloorWriter", useSQLite: true },
          },
          bindings: { SINK_URL: sinkUrl },
          unsafeDirectSockets: [{ host: HOST, port }],
        },
      ],
    }),
  );
  await miniflare.ready;
  return miniflare;
}
