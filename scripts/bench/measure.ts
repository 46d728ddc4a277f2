// One measured window: so many connections doing one kind of work for so long, and what it cost the processes that served it.

import type { ApiAnswer, ApiRequest, Client } from "./client.ts";
import { cpuMicros, pageFaults } from "./cpu.ts";
import { percentile } from "./figures.ts";

/** What is still to do when the last answer is out (notes to clocks, hints, outbox rounds) belongs to the work as well. */
const SETTLE_MS = 300;
const WARM_STRETCH_SECONDS = 0.5;
const WARM_UP_SECONDS_MAX = 8;
/** Work that opens objects and files never comes below, and is warm after the most. */
const FAULTS_WHEN_WARM = 1;

/** Counts requests; `isIgnored` for warm-ups and set-up, which nobody looks at. */
export class Recorder {
  readonly latenciesMs: number[] = [];
  readonly errors: Record<string, number> = {};
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Sends and records. A status of 400 and above counts as an error unless it is in `expected`. */
  async send(request: ApiRequest, expected: readonly number[] = []): Promise<ApiAnswer> {
    const startedAt = performance.now();
    const answer = await this.#client.send(request);
    this.latenciesMs.push(performance.now() - startedAt);
    if ((answer.status === 0 || answer.status >= 400) && !expected.includes(answer.status)) {
      const name = `${request.method} ${request.path.split("?")[0]} ${answer.status}`;
      this.errors[name] = (this.errors[name] ?? 0) + 1;
    }
    return answer;
  }
}

export interface Load {
  client: Client;
  /** Process trees whose CPU counts. */
  roots: readonly number[];
  connections: number;
  seconds: number;
  /** One turn of one connection. @returns the units of work it finished. */
  work: (recorder: Recorder, worker: number) => Promise<number>;
  /** Waits for what the work left behind; part of the measured CPU, not of the rate. */
  settle?: () => Promise<void>;
}

export interface WindowFigures {
  units: number;
  requests: number;
  unitsPerSecond: number;
  cpuMicrosPerUnit: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
  errors: Record<string, number>;
}

export async function measure(load: Load): Promise<WindowFigures> {
  const recorder = new Recorder(load.client);
  const cpuBefore = cpuMicros(load.roots);
  const startedAt = performance.now();
  const units = await runFor(load, recorder);
  const seconds = (performance.now() - startedAt) / 1000;
  if (load.settle) await load.settle();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const cpuAfter = cpuMicros(load.roots);
  return {
    units,
    requests: recorder.latenciesMs.length,
    unitsPerSecond: units / seconds,
    cpuMicrosPerUnit: cpuBefore === null || cpuAfter === null || units === 0 ? null : (cpuAfter - cpuBefore) / units,
    p50Ms: percentile(recorder.latenciesMs, 0.5),
    p99Ms: percentile(recorder.latenciesMs, 0.99),
    errors: recorder.errors,
  };
}

/** Lets caches fill and code compile before anything is measured. */
export const warmUp = (load: Load, seconds: number): Promise<number> =>
  runFor({ ...load, seconds }, new Recorder(load.client));

/**
 * The same, until the processes have the memory they work in: one that grows takes it of the kernel page by page, which was half of
 * what a page of the catalogue cost in its first ten seconds.
 */
export async function untilWarm(load: Load): Promise<void> {
  const end = performance.now() + WARM_UP_SECONDS_MAX * 1000;
  for (let faults = Infinity; faults > FAULTS_WHEN_WARM && performance.now() < end;) {
    const before = pageFaults(load.roots);
    const units = await warmUp(load, WARM_STRETCH_SECONDS);
    const after = pageFaults(load.roots);
    faults = before === null || after === null ? Infinity : (after - before) / Math.max(1, units);
  }
  if (load.settle) await load.settle();
}

async function runFor(load: Load, recorder: Recorder): Promise<number> {
  const end = performance.now() + load.seconds * 1000;
  let units = 0;
  const turns = async (worker: number): Promise<void> => {
    while (performance.now() < end) {
      const done = await load.work(recorder, worker);
      units += done;
    }
  };
  await Promise.all(Array.from({ length: load.connections }, (_, worker) => turns(worker)));
  return units;
}
