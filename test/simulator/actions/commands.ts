// What is done to a running clock, by whom, and what whoever did it knows of it afterwards.

import type { SessionState } from "../../../sdk/src/protocol/session.ts";
import type { Dice } from "../dice.ts";
import { Crashed } from "../faults.ts";
import type { Command, Run } from "../model.ts";
import type { Answer, World } from "../world.ts";

type StateAnswer = Answer<{ session: SessionState; sessionToken?: string }>;

/** The reference counts in whole seconds; where somebody slept in between, it is a bound only. */
export const isWhole = (at: number): boolean => at % 1000 === 0;

export const sync = (world: World, bearer: string, body: object): Promise<StateAnswer> =>
  world.call("POST", "/v1/provider/sessions/sync", bearer, body);

/** Do something to a clock, and remember what is known of it. */
export async function command(
  world: World,
  run: Run,
  it: Omit<Command, "at">,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const done: Command = { ...it, at: world.now };
  run.maybe.push(done);
  if (!isWhole(done.at)) run.isDoubtful = true;
  try {
    const answer = await ask();
    if (answer.status >= 500) run.isDoubtful = true;
    if (answer.status === 200) run.commands.push(done);
    return answer;
  } catch (error) {
    if (error instanceof Crashed) run.isDoubtful = true;
    throw error;
  }
}

export const beat = (world: World, run: Run, active: boolean): Promise<Answer> =>
  command(world, run, { kind: active ? "activity" : "beat", by: "page" }, () =>
    sync(world, run.sessionToken!, { action: "heartbeat", active }),
  );

/** Sessions that may still run, or null. */
export function running(world: World, dice: Dice): Run | null {
  const open = world.runs.filter((run) => run.startedAt !== null && !run.settled);
  return open.length === 0 ? null : dice.pick(open);
}
