// npm run simulate -- --seeds 10000 [--from 1] [--steps 40] [--jobs 2] [--planted NAME [--focus]] [--quick] [--tally]
//
// Runs histories and says which broke a promise: the seed, the shortest history that still breaks it, and what was broken.
// Exit code 0: none did; 1: one did. With --planted, the code is changed before it is loaded (planted.ts).

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Failure, History } from "./history.ts";
import { Database } from "./database.ts";
import { installHooks } from "./hooks.ts";
import { installPlatform } from "./platform.ts";
import { PLANTED, type PlantedBug } from "./planted.ts";
import { installSockets } from "./sockets.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    steps: { type: "string", default: "40" },
    jobs: { type: "string", default: "1" },
    planted: { type: "string" },
    tally: { type: "boolean", default: false },
    focus: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});
const [seeds, from, length, jobs] = [values.seeds, values.from, values.steps, values.jobs].map(Number) as [
  number,
  number,
  number,
  number,
];

/** Seeds between two words of progress: some two minutes. */
const PROGRESS_EVERY = 500;

if (values.list) {
  for (const { name, breaks } of PLANTED) console.log(`${name}: ${breaks}`);
} else process.exitCode = jobs > 1 ? await inParallel() : await inThisProcess();

/** Each process takes a piece of the seeds; the first that finds something speaks. */
async function inParallel(): Promise<number> {
  const each = Math.ceil(seeds / jobs);
  const pieces = Array.from({ length: jobs }, (_, job) => from + job * each);
  const codes = await Promise.all(
    pieces.map((first) => {
      const count = Math.min(each, from + seeds - first);
      const args = ["--seeds", String(count), "--from", String(first), "--steps", String(length)];
      if (values.planted) args.push("--planted", values.planted);
      for (const flag of ["focus", "quick", "tally"] as const) if (values[flag]) args.push(`--${flag}`);
      const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), ...args], {
        stdio: "inherit",
      });
      return new Promise<number>((done) => child.on("exit", (code) => done(code ?? 1)));
    }),
  );
  return Math.max(...codes);
}

async function inThisProcess(): Promise<number> {
  const planted = values.planted ? plantedBug(values.planted) : null;
  const patches = planted?.patches ?? [];
  installHooks(patches);
  // Before the platform is replaced: what is loaded may take its time.
  const { loadWorker } = await import("./worker.ts");
  const worker = await loadWorker();
  await worker.warmUp();
  const { historyOf, play, shrink } = await import("./history.ts");
  const focus = values.focus ? (planted?.focus ?? []) : [];
  const begun = performance.now();
  const platform = installPlatform();
  installSockets();
  const complaints: string[] = [];
  const say = console.log.bind(console);
  for (const level of ["log", "info", "warn", "error"] as const)
    console[level] = (...line: unknown[]) => void (level === "error" && complaints.push(line.map(String).join(" ")));
  const simulator = { worker, platform, database: new Database(patches), complaints, tally: new Map<string, number>() };

  const tell = ({ history, failure }: { history: History; failure: Failure }): void => {
    say(`  shortest history found, ${history.steps.length} of ${length} steps:`);
    for (const { action, seed, fault } of history.steps)
      say(`    ${action} ${seed}${fault ? ` ${fault.kind} at call ${fault.at}` : ""}`);
    say(`  ${failure.step === null ? "at the end" : "after the last step"}: ${failure.message}`);
  };
  for (let seed = from; seed < from + seeds; seed++) {
    if (seed > from && (seed - from) % PROGRESS_EVERY === 0)
      say(`  ${seed - from} of ${seeds} seeds from ${from} hold`);
    const history = historyOf(seed, length, focus);
    const failure = await play(simulator, history);
    if (!failure) continue;
    say(`seed ${seed} breaks a promise (${seed - from + 1} seeds looked at)`);
    say(`  ${failure.message}`);
    say(`  played: ${history.areas.map(({ name }) => name).join(", ")}`);
    if (!values.quick) tell(await shrink(simulator, history, failure));
    say(
      `  again: npm run simulate -- --from ${seed} --seeds 1 --steps ${length}${values.planted ? ` --planted ${values.planted}` : ""}`,
    );
    return 1;
  }
  if (values.tally) for (const [what, times] of [...simulator.tally].toSorted()) say(`  ${times} ${what}`);
  const seconds = (performance.now() - begun) / 1000;
  say(
    `${seeds} seeds from ${from}, ${seeds * length} steps: no promise broken (${seconds.toFixed(1)} s, ${((1000 * seconds) / seeds).toFixed(1)} ms a seed)`,
  );
  return 0;
}

function plantedBug(name: string): PlantedBug {
  const bug = PLANTED.find((planted) => planted.name === name);
  if (!bug) throw new Error(`no planted bug ${name}; --list names them`);
  return bug;
}
