// `npm start`: the whole marketplace on this machine, on its real parts. Builds what changed, migrates and seeds the local
// D1, then serves the API, the web app, the demo provider and the Stripe stand-in until it is stopped.
//
// Everything started is stopped again in `stop`, whatever the reason. See docs/decisions/0011-launcher.md.

import { buildAll } from "./build/all.ts";
import { seed } from "./seed.ts";
import { SEED_PASSWORD, SEEDED_PEOPLE } from "./seed/people.ts";
import { startPrograms } from "./start/children.ts";
import { startCrons } from "./start/crons.ts";
import { noteRuntime, releaseStateFolder, takeStateFolder } from "./start/instance.ts";
import { migrate } from "./start/migrate.ts";
import { busyPortLine } from "./start/ports.ts";
import { untilAnswering } from "./start/ready.ts";
import { API_WORKER, startRuntime } from "./start/runtime.ts";
import { localSecrets } from "./start/secrets.ts";
import { readSettings, usedPlaces, type Settings } from "./start/settings.ts";

const startedAt = Date.now();
/** What to undo, newest last. */
const undo: (() => unknown)[] = [];
let stopping: Promise<void> | null = null;

listenForSignals();
// The parent (scripts/with-install.mjs) was killed: nobody can stop us any more, so we stop.
process.on("disconnect", () => void stop(0));
/** What was killed is gone before its last thread has let go of the ports; on a busy machine that takes seconds. */
const PORTS_FREED_MS = 10_000;

try {
  await start(readSettings());
} catch (error) {
  if (!stopping) console.error((error as Error).message);
  await stop(1);
}

async function start(settings: Settings): Promise<void> {
  const ended = await takeStateFolder(settings.stateDir);
  for (const line of ended) say(line);
  undo.push(() => releaseStateFolder(settings.stateDir));
  const busy = await busyPortLine(settings, ended.length > 0 ? PORTS_FREED_MS : 0);
  if (busy) throw new Error(busy);

  await buildAll(say);
  const secrets = await localSecrets(settings.stateDir);
  const miniflare = await startRuntime(settings, secrets, () => {
    noteRuntime(settings.stateDir);
    say("workerd had ended and was started again.");
  });
  undo.push(() => miniflare.dispose());
  listenForSignals();
  noteRuntime(settings.stateDir);

  for (const name of await migrate(miniflare)) say(`migrated ${name}`);
  // Miniflare's database is the Worker's own, typed by another package.
  const database = (await miniflare.getD1Database("DB", API_WORKER)) as unknown as D1Database;
  await seed(database, settings, secrets);

  let isReady = false;
  const programs = startPrograms(settings, secrets, (line) => {
    console.error(line);
    if (!isReady) void stop(1);
  });
  for (const program of programs) undo.push(program.stop);
  undo.push(startCrons(miniflare));

  await Promise.all(usedPlaces(settings).map((place) => untilAnswering(settings.origins[place])));
  if (stopping) return;
  isReady = true;
  say("");
  for (const { email, who } of Object.values(SEEDED_PEOPLE)) say(`  ${email} / ${SEED_PASSWORD}   ${who}`);
  say("");
  for (const place of usedPlaces(settings)) say(`  ${place.padEnd(7)} ${settings.origins[place]}`);
  say(
    `  up in ${((Date.now() - startedAt) / 1000).toFixed(1)} s; Ctrl-C stops everything, npm run reset forgets everything`,
  );
  say("");
  say(`ready ${settings.origins.web}`);
}

/** Called again after Miniflare started: on a signal it exits the process at once, which would cut our own stop short. */
function listenForSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(signal);
    process.on(signal, () => void stop(0));
  }
}

async function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    for (const step of undo.reverse()) {
      try {
        await step();
      } catch (error) {
        console.error(`while stopping: ${(error as Error).message}`);
      }
    }
    process.exit(exitCode);
  })();
  await stopping;
}

function say(line: string): void {
  console.log(line);
}
