// Pages that beat over a live socket: mostly answered by the platform, now and then in words, through objects that leave
// memory, processes that die and sockets that go.

import type { SessionState } from "../../../sdk/src/protocol/session.ts";
import type { Dice } from "../dice.ts";
import type { Run } from "../model.ts";
import type { PageSocket } from "../sockets.ts";
import type { Answer, World } from "../world.ts";
import type { Area } from "./action.ts";
import { command, isWhole, running } from "./commands.ts";

/** The run's socket; opening one is a sign of life. Null where the session is over. */
async function connected(world: World, run: Run): Promise<PageSocket | null> {
  if (run.page?.isOpen) return run.page;
  await command(world, run, { kind: "beat", by: "page" }, async () => {
    run.page = await world.connect(run.id);
    return { status: run.page ? 200 : world.faults.hasStruck ? 503 : 409, body: {} };
  });
  return run.page ?? null;
}

/** Nobody but the platform knows of it. */
function beat(world: World, run: Run, page: PageSocket): void {
  page.answeredAt = new Date(world.now);
  const done = { kind: "answer", by: "page", at: world.now } as const;
  run.maybe.push(done);
  run.commands.push(done);
  if (!isWhole(done.at) || world.faults.hasStruck) run.isDoubtful = true;
  world.count("beat answered by the platform");
}

const say = (world: World, run: Run, page: PageSocket, active: boolean): Promise<Answer> =>
  command(world, run, { kind: active ? "activity" : "beat", by: "page" }, async () => {
    const before = page.heard.length;
    if (!(await world.say(run.id, page, JSON.stringify({ action: "heartbeat", active })))) {
      // The page opens another one.
      page.close();
      return { status: 503, body: {} };
    }
    const { session } = JSON.parse(page.heard.slice(before).at(-1) ?? "{}") as { session?: SessionState };
    const isHeard = session !== undefined && session.endedAt === null;
    world.count(`beat in words ${isHeard}`);
    return { status: isHeard ? 200 : 410, body: {} };
  });

/** A page in use: beats in no order, some of them words, and sometimes the socket goes before the page does. */
async function sitAtAPage(world: World, dice: Dice): Promise<void> {
  const run = running(world, dice);
  if (!run?.sessionToken) return;
  const page = await connected(world, run);
  if (!page) return;
  // Sometimes a page wakes before any alarm has rung.
  if (dice.chance(0.5)) beat(world, run, page);
  for (let beats = dice.between(2, 14); beats > 0; beats--) {
    await world.pass(dice.pick([1, 5, 20, 30, 30, 31]));
    if (!page.isOpen) return;
    if (dice.chance(0.6)) beat(world, run, page);
    else await say(world, run, page, dice.chance(0.75));
  }
  if (page.isOpen && dice.chance(0.3) && !(await world.hangUp(run.id, page))) run.isDoubtful = true;
}

export const beating: Area = {
  name: "beating",
  actions: [{ name: "sit at a page", weight: 8, run: sitAtAPage }],
};
