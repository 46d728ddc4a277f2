// A history: made from a seed, run step by step with every promise checked after each, and made as short as it can be when
// one is broken.

import { findDiscrepancies } from "../../domain/ledger/store.ts";
import { ACTIONS, AREAS } from "./areas.ts";
import { hearAll } from "./actions/buying.ts";
import { d1, type Database } from "./database.ts";
import { Dice } from "./dice.ts";
import { Crashed, Faults, throwFault, type Fault } from "./faults.ts";
import type { Platform } from "./platform.ts";
import type { Worker } from "./worker.ts";
import { Violation, World } from "./world.ts";

export interface Step {
  action: string;
  /** What the action chooses comes from this. */
  seed: number;
  fault: Fault | null;
}

export interface Simulator {
  worker: Worker;
  platform: Platform;
  database: Database;
  /** What the code under test said on its error log since the last look. */
  complaints: string[];
  tally: Map<string, number>;
}

export interface Failure {
  /** Position of the step after which it was seen; null: when all had calmed down. */
  step: number | null;
  message: string;
}

/** Said on the error log although nothing had gone wrong, this is a broken promise. */
const ALARMING = /scheduled job failed|does not balance|session alarm failed|delivery stopped|not carried to D1/;
/** True as long as we have not heard of a payment; at the end everything was heard. */
const BEHIND_STRIPE = /Stripe clearing is Stripe's balance/;
const CALMING_ROUNDS = 3;

/** @param focus Names of the actions to draw from; all of them when it is empty. */
export function historyOf(seed: number, length: number, focus: readonly string[] = []): Step[] {
  const dice = new Dice(seed);
  const actions = focus.length === 0 ? ACTIONS : ACTIONS.filter(({ name }) => focus.includes(name));
  return Array.from({ length }, () => ({
    action: dice.weighted(actions).name,
    seed: dice.uint32(),
    fault: dice.chance(0.22) ? throwFault(dice) : null,
  }));
}

/** @returns the first broken promise, or null. */
export async function play(simulator: Simulator, seed: number, steps: readonly Step[]): Promise<Failure | null> {
  const { worker, platform, database } = simulator;
  database.begin(new Dice(seed));
  const world = new World(worker, platform, database, seed, simulator.tally);
  simulator.complaints.length = 0;
  try {
    await world.populate(new Dice(seed));
    for (const [index, step] of steps.entries()) {
      const message = await broken(() => take(simulator, world, step));
      if (message) return { step: index, message };
    }
    const message = await broken(() => calmDown(simulator, world));
    return message ? { step: null, message } : null;
  } finally {
    world.close();
    database.forget();
  }
}

async function broken(run: () => Promise<void>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Violation ? error.message : `${(error as Error).stack}`;
  }
}

async function take(simulator: Simulator, world: World, { action, seed, fault }: Step): Promise<void> {
  const { faults } = world;
  faults.arm(fault);
  try {
    await ACTIONS.find(({ name }) => name === action)!.run(world, new Dice(seed));
    await world.finishWork();
  } catch (error) {
    if (!(error instanceof Crashed)) throw error;
  }
  if (faults.hasStruck) world.count(`fault ${fault!.kind}`);
  if (faults.hasCrashed) world.restart();
  const hasStruck = faults.hasStruck;
  faults.arm(null);
  // Whole seconds, because the reference counts in them.
  world.platform.setTime(Math.ceil(world.now / 1000) * 1000);
  await check(simulator, world, hasStruck, false);
}

async function check(simulator: Simulator, world: World, hasStruck: boolean, isCalm: boolean): Promise<void> {
  const said = simulator.complaints
    .splice(0)
    .filter((line) => ALARMING.test(line) && (isCalm || !BEHIND_STRIPE.test(line)));
  if (!hasStruck && said.length > 0) throw new Violation(`said although nothing was wrong: ${said[0]}`);
  const findings = await findDiscrepancies(d1(world.database, new Faults(), 1));
  if (findings.length > 0) throw new Violation(`the books: ${JSON.stringify(findings.slice(0, 5))}`);
  // Foreign keys that are checked at the commit of a transaction, which a history never reaches.
  const unsealed = world.database.read(
    "SELECT DISTINCT t.tx FROM transfers t LEFT JOIN ledger_tx l ON l.id = t.tx WHERE l.id IS NULL",
  );
  if (unsealed.length > 0) throw new Violation(`postings without a seal: ${JSON.stringify(unsealed)}`);
  for (const area of AREAS) await area.check?.(world);
}

/** Nothing fails any more: what was lost is sent again, time passes, crons run. Then everything must be in its place. */
async function calmDown(simulator: Simulator, world: World): Promise<void> {
  for (let round = 0; round < CALMING_ROUNDS; round++) {
    for (const { again } of world.unanswered.splice(0)) await again();
    await hearAll(world);
    await world.cron("17 * * * *");
    await world.pass(45 * 60);
    await world.cron("* * * * *");
    await world.deliverHint();
    await world.finishWork();
    world.platform.setTime(Math.ceil(world.now / 1000) * 1000);
    await check(simulator, world, false, round > 0);
  }
  if (world.unanswered.length > 0) throw new Violation(`never answered: ${world.unanswered[0]!.what}`);
  for (const area of AREAS) await area.checkAtEnd?.(world);
}

/** The shortest history found that still breaks a promise: steps are left out in ever smaller pieces, then faults. */
export async function shrink(
  simulator: Simulator,
  seed: number,
  steps: readonly Step[],
  failure: Failure,
  triesMax = 400,
): Promise<{ steps: Step[]; failure: Failure }> {
  let best = { steps: steps.slice(0, failure.step === null ? undefined : failure.step + 1), failure };
  let tries = 0;
  const improves = async (candidate: Step[]): Promise<boolean> => {
    if (tries++ >= triesMax) return false;
    const found = await play(simulator, seed, candidate);
    if (found) best = { steps: candidate.slice(0, found.step === null ? undefined : found.step + 1), failure: found };
    return found !== null;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let from = 0; from < best.steps.length;) if (!(await improves(best.steps.toSpliced(from, size)))) from += size;
  for (let index = 0; index < best.steps.length; index++)
    if (best.steps[index]!.fault) await improves(best.steps.with(index, { ...best.steps[index]!, fault: null }));
  return best;
}
