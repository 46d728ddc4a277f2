// A history: made from a seed, run step by step with every promise checked after each, and made as short as it can be when
// one is broken.

import { findDiscrepancies } from "../../domain/ledger/store.ts";
import { ACTIONS, areasOf, areasWith } from "./areas.ts";
import type { Area } from "./actions/action.ts";
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

export interface History {
  seed: number;
  areas: readonly Area[];
  steps: readonly Step[];
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

/** @param focus Names of the actions to draw from; those of the seed's areas when it is empty. */
export function historyOf(seed: number, length: number, focus: readonly string[] = []): History {
  const dice = new Dice(seed);
  const isFree = focus.length === 0;
  const areas = isFree ? areasOf(seed) : areasWith(focus);
  const actions = areas.flatMap((area) => area.actions).filter(({ name }) => isFree || focus.includes(name));
  const steps = Array.from({ length }, () => ({
    action: dice.weighted(actions).name,
    seed: dice.uint32(),
    fault: dice.chance(0.22) ? throwFault(dice) : null,
  }));
  return { seed, areas, steps };
}

/** @returns the first broken promise, or null. */
export async function play(simulator: Simulator, { seed, areas, steps }: History): Promise<Failure | null> {
  const { worker, platform, database } = simulator;
  database.begin(new Dice(seed));
  const world = new World(worker, platform, database, seed, simulator.tally);
  simulator.complaints.length = 0;
  try {
    const dice = new Dice(seed);
    await world.populate(dice);
    for (const area of areas) await area.prepare?.(world, dice);
    for (const [index, step] of steps.entries()) {
      const message = await broken(() => take(simulator, world, areas, step));
      if (message) return { step: index, message };
    }
    const message = await broken(() => calmDown(simulator, world, areas));
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

async function take(
  simulator: Simulator,
  world: World,
  areas: readonly Area[],
  { action, seed, fault }: Step,
): Promise<void> {
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
  await check(simulator, world, areas, { hasStruck, isCalm: false });
}

async function check(
  simulator: Simulator,
  world: World,
  areas: readonly Area[],
  { hasStruck, isCalm }: { hasStruck: boolean; isCalm: boolean },
): Promise<void> {
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
  for (const area of areas) await area.check?.(world);
}

/** Nothing fails any more: what was lost is sent again, time passes, crons run. Then everything must be in its place. */
async function calmDown(simulator: Simulator, world: World, areas: readonly Area[]): Promise<void> {
  for (let round = 0; round < CALMING_ROUNDS; round++) {
    for (const { again } of world.unanswered.splice(0)) await again();
    await hearAll(world);
    await world.cron("17 * * * *");
    await world.pass(45 * 60);
    await world.cron("* * * * *");
    await world.deliverHint();
    await world.finishWork();
    world.platform.setTime(Math.ceil(world.now / 1000) * 1000);
    await check(simulator, world, areas, { hasStruck: false, isCalm: round > 0 });
  }
  if (world.unanswered.length > 0) throw new Violation(`never answered: ${world.unanswered[0]!.what}`);
  for (const area of areas) await area.checkAtEnd?.(world);
}

/** The shortest history found that still breaks a promise: steps are left out in ever smaller pieces, then faults. */
export async function shrink(
  simulator: Simulator,
  history: History,
  failure: Failure,
  triesMax = 400,
): Promise<{ history: History; failure: Failure }> {
  const until = (steps: readonly Step[], { step }: Failure): History => ({
    ...history,
    steps: steps.slice(0, step === null ? undefined : step + 1),
  });
  let best = { history: until(history.steps, failure), failure };
  let tries = 0;
  const improves = async (steps: Step[]): Promise<boolean> => {
    if (tries++ >= triesMax) return false;
    const found = await play(simulator, { ...history, steps });
    if (found) best = { history: until(steps, found), failure: found };
    return found !== null;
  };
  const steps = (): readonly Step[] => best.history.steps;
  for (let size = Math.ceil(steps().length / 2); size >= 1; size = Math.floor(size / 2))
    for (let from = 0; from < steps().length;) if (!(await improves(steps().toSpliced(from, size)))) from += size;
  for (let index = 0; index < steps().length; index++)
    if (steps()[index]!.fault) await improves(steps().with(index, { ...steps()[index]!, fault: null }));
  return best;
}
