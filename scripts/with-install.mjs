// The door of every npm script: makes sure the pinned packages are installed, then hands over to the pinned Node, so that
// a fresh clone needs nothing but some Node >= 20 and npm. Plain JavaScript on purpose: nothing is installed yet.
//
// usage: node scripts/with-install.mjs scripts/start.ts [arguments]

import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");

function refuse(line) {
  console.error(line);
  process.exit(1);
}

if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN)
  refuse(`Meterplace needs Node ${NODE_MAJOR_MIN} or newer; this is Node ${process.versions.node}.`);

const [script, ...rest] = process.argv.slice(2);
if (!script) refuse("usage: node scripts/with-install.mjs <script> [arguments]");

if (!isInstalled()) install();
run();

/**
 * True when node_modules holds every version the lock file names. npm's own record of what it installed is compared, not
 * file times: a checkout touches files, and a needless reinstall would take a minute.
 */
function isInstalled() {
  const installedPath = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedPath)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedPath, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.includes("node_modules/") ||
      entry.link ||
      // Binaries for other platforms are in the lock and never on this disk.
      entry.optional ||
      entry.devOptional ||
      (installed[path] !== undefined && installed[path].version === entry.version),
  );
}

function install() {
  const startedAt = Date.now();
  console.log("Installing the pinned packages; this is needed once and takes about a minute.");
  // npm names itself to its children; without npm (node scripts/with-install.mjs ...) the one on PATH is used.
  const npmCli = process.env.npm_execpath;
  const [command, args] = npmCli && npmCli.endsWith(".js") ? [process.execPath, [npmCli]] : ["npm", []];
  const result = spawnSync(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...cacheWithoutHome() },
    shell: process.platform === "win32" && command === "npm",
  });
  if (result.status !== 0)
    refuse("Installing failed: the lines above say why. `npm ci` in this folder does the same step alone.");
  console.log(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/** npm keeps its cache under the home directory; where none can be written it goes into the project. */
function cacheWithoutHome() {
  try {
    accessSync(homedir(), constants.W_OK);
    return {};
  } catch {
    return { npm_config_cache: join(root, ".meterplace", "npm-cache") };
  }
}

function run() {
  const child = spawn(join(bin, "node"), [join(root, script), ...rest], {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
    shell: false,
  });

  // Processes that would outlive a killed launcher: workerd does not notice that its parent is gone, and would keep the
  // ports. The launcher names them here and takes them back when it has stopped them itself.
  let orphans = [];
  child.on("message", (message) => {
    if (message && Array.isArray(message.endIfIDie)) orphans = message.endIfIDie;
  });
  child.on("error", (error) => refuse(`Cannot run the pinned Node (${error.message}). Try: npm ci`));
  child.on("exit", (code, signal) => {
    for (const pid of orphans) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Already gone.
      }
    }
    process.exit(signal ? 1 : (code ?? 1));
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));

  // A killed npm takes nobody with it; its end is noticed here, and the whole stack then ends too.
  if (process.env.npm_lifecycle_event) {
    const npm = npmProcess();
    setInterval(() => {
      if (!isAlive(npm)) child.kill("SIGTERM");
    }, 1000).unref();
  }
}

/** npm runs scripts through a shell, which some systems keep in between and others replace by the command. */
function npmProcess() {
  try {
    // proc(5): "pid (name) state ppid ..."
    const [, name, parent] = /\((.*)\) \S+ (\d+)/.exec(readFileSync(`/proc/${process.ppid}/stat`, "utf8"));
    return /^(sh|dash|bash|zsh|ash)$/.test(name) ? Number(parent) : process.ppid;
  } catch {
    return process.ppid;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
