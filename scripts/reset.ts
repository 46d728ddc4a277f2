// `npm run reset`: forgets everything local (accounts, balances, sessions, secrets, logs). The next start begins anew.

import { rmSync } from "node:fs";
import { isStateFolderTaken } from "./start/instance.ts";
import { readSettings } from "./start/settings.ts";

const { stateDir } = readSettings();
if (isStateFolderTaken(stateDir)) {
  console.error("Meterplace is running from this folder; stop it first (Ctrl-C in its terminal).");
  process.exitCode = 1;
} else {
  rmSync(stateDir, { recursive: true, force: true });
  console.log("Forgotten. The next npm start begins with an empty marketplace.");
}
