// `npm run bench`: what each kind of work costs the whole stack, beside the bare request, the platform's floor and, if asked,
// another implementation, all in one run. It never judges by time; it fails only when a balance, a history or a webhook is
// not what was promised. See docs/benchmarks.md.

import { writeFileSync } from "node:fs";
import os from "node:os";
import { startStack } from "../test/support/stack.ts";
import { brokenPromises } from "../test/support/books.ts";
import { buildAll } from "./build/all.ts";
import { canMeasureCpu } from "./bench/cpu.ts";
import { startFloor, type Floor } from "./bench/floor.ts";
import { Market } from "./bench/market.ts";
import { readOptions, USAGE, type Options } from "./bench/options.ts";
import { ourAdapter } from "./bench/our-adapter.ts";
import { startPeer } from "./bench/peer.ts";
import { extraLines, floorTable, legend, scenarioTable, wallTable, type ScenarioFigures } from "./bench/report.ts";
import { runScenario, type Side } from "./bench/rounds.ts";
import { SCENARIO_NAMES } from "./bench/scenarios.ts";

/** Whatever happens, nothing of it runs longer. */
const MINUTES_MAX = 45;

const undo: (() => unknown)[] = [];
let stopping: Promise<never> | null = null;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(130));
// The parent (scripts/with-install.mjs) was killed: nobody can stop us any more, so we stop.
process.on("disconnect", () => void stop(130));
const deadline = setTimeout(() => {
  console.error(`stopped: not done within ${MINUTES_MAX} minutes`);
  void stop(1);
}, MINUTES_MAX * 60_000);

try {
  await bench(options());
} catch (error) {
  if (!stopping) console.error((error as Error).message);
  await stop(1);
}

function options(): Options {
  try {
    const read = readOptions(process.argv.slice(2));
    const unknown = read.only.filter((name) => !(SCENARIO_NAMES as string[]).includes(name));
    if (unknown.length > 0)
      throw new Error(`There is no scenario ${unknown[0]}; there are ${SCENARIO_NAMES.join(", ")}.`);
    return read;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

async function bench(options: Options): Promise<void> {
  const startedAt = new Date();
  const loadBefore = os.loadavg();
  await buildAll(say);
  const stack = await startStack();
  undo.push(stack.forget, stack.stop);
  const peer = options.peer === null ? null : await startPeer(options.peer, say);
  if (peer) undo.push(peer.stop);

  const side = (origin: string, adapter: Market["adapter"], roots: number[]): Side => {
    const market = new Market(origin, adapter, options.connections);
    undo.push(() => market.client.close());
    return { market, roots };
  };
  const ours = side(stack.origins.api.replace("localhost", "127.0.0.1"), ourAdapter(stack.origins.stripe), [
    stack.launcher.pid!,
  ]);
  const theirs = peer && side(peer.origin, peer.adapter, peer.roots);
  const sides = theirs ? [ours, theirs] : [ours];
  for (const { market } of sides) await market.setUp(options.people);
  const catalogue = await ours.market.client.send(ours.market.adapter.catalogue());
  const floor = await startFloor({
    connections: options.connections,
    seconds: options.floorSeconds,
    catalogueBytes: Buffer.byteLength(catalogue.text),
  });
  undo.push(floor.stop);

  const figures = await runAll(options, ours, theirs, floor);
  const checks = await ours.market.check();
  if (theirs) await theirs.market.check();
  const loadAfter = os.loadavg();
  await stack.stop();
  const broken = [
    ...ours.market.problems,
    ...(await brokenPromises(stack.stateDir)).map((finding) => `books: ${JSON.stringify(finding)}`),
  ];

  const facts = {
    startedAt: startedAt.toISOString(),
    cpus: `${os.cpus().length} x ${os.cpus()[0]?.model ?? "unknown"}`,
    node: process.version,
    connections: options.connections,
    rounds: options.rounds,
    secondsAWindow: options.seconds,
    loadBefore: loadBefore.map((load) => load.toFixed(1)).join(" "),
    loadAfter: loadAfter.map((load) => load.toFixed(1)).join(" "),
  };
  say("");
  say(
    Object.entries(facts)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  );
  say("");
  if (canMeasureCpu) say(`${scenarioTable(figures)}\n\n${floorTable(figures)}\n`);
  else say(`No /proc here, so CPU cannot be read: only wall clock rates.\n\n${wallTable(figures)}\n`);
  say(legend(figures));
  for (const line of extraLines(figures)) say(line);
  if (!peer) say("To race another implementation: npm run bench -- --peer DIR (docs/benchmarks.md).");
  for (const problem of theirs?.market.problems ?? []) say(`the peer broke a promise: ${problem}`);
  say(
    `checked: ${checks.balances} balances, ${checks.histories} histories, ${checks.sessions} sessions, ${checks.reports} reports, the books`,
  );
  for (const problem of broken) console.error(`BROKEN ${problem}`);
  if (options.json) {
    const all = {
      ...facts,
      figures,
      checks,
      broken,
      peerBroken: theirs?.market.problems ?? null,
    };
    writeFileSync(options.json, `${JSON.stringify(all, null, 1)}\n`);
  }
  await stop(broken.length > 0 ? 1 : 0);
}

async function runAll(options: Options, ours: Side, theirs: Side | null, floor: Floor): Promise<ScenarioFigures[]> {
  const names = SCENARIO_NAMES.filter((name) => options.only.length === 0 || options.only.includes(name));
  const figures: ScenarioFigures[] = [];
  for (const name of names) figures.push(await runScenario(name, ours, theirs, floor, options, say));
  return figures;
}

async function stop(exitCode: number): Promise<never> {
  stopping ??= (async () => {
    clearTimeout(deadline);
    for (const step of undo.reverse()) {
      try {
        await step();
      } catch (error) {
        console.error(`while stopping: ${(error as Error).message}`);
      }
    }
    process.exit(exitCode);
  })();
  return stopping;
}

function say(line: string): void {
  console.log(line);
}
