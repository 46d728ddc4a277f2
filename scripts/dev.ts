// `npm run dev`: the API under wrangler dev and the web app under Vite, both reloading on change, on the state `npm start`
// made. Slower per request than `npm start`; schedules fire only when asked:
// curl "http://localhost:3000/cdn-cgi/handler/scheduled?cron=*+*+*+*+*"

import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPrograms } from "./start/children.ts";
import { releaseStateFolder, takeStateFolder } from "./start/instance.ts";
import { busyPortLine } from "./start/ports.ts";
import { localBindings } from "./start/runtime.ts";
import { localSecrets } from "./start/secrets.ts";
import { persistPath, readSettings, ROOT } from "./start/settings.ts";

const settings = readSettings();
if (!existsSync(persistPath(settings))) refuse("Run npm start once first: it migrates and seeds the local state.");
await takeStateFolder(settings.stateDir).catch((error: Error) => refuse(error.message));
const busy = await busyPortLine(settings);
if (busy) refuse(busy);

const secrets = await localSecrets(settings.stateDir);
const variablesFile = join(settings.stateDir, "dev.vars");
const lines = Object.entries(localBindings(settings, secrets)).map(([name, value]) => `${name}='${value}'`);
writeFileSync(variablesFile, lines.join("\n"), { mode: 0o600 });

const programs = startPrograms(settings, secrets, console.error);
const servers = [
  start("wrangler", ".", [
    "dev",
    "--ip",
    "127.0.0.1",
    "--port",
    String(settings.ports.api),
    "--env-file",
    variablesFile,
    "--persist-to",
    join(settings.stateDir, "state"),
  ]),
  start("vite", "web", ["dev", "--host", "127.0.0.1", "--port", String(settings.ports.web), "--strictPort"]),
];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
// One without the other is of no use.
for (const server of servers) server.once("exit", () => void stop());

function start(command: string, folder: string, args: string[]) {
  return spawn(join(ROOT, "node_modules/.bin", command), args, {
    cwd: join(ROOT, folder),
    stdio: "inherit",
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
  });
}

async function stop(): Promise<void> {
  for (const server of servers) server.kill("SIGTERM");
  await Promise.all(programs.map((program) => program.stop()));
  releaseStateFolder(settings.stateDir);
  process.exit();
}

function refuse(line: string): never {
  console.error(line);
  process.exit(1);
}
