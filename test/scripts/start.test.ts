// The parts of the launcher that can be shown without starting workerd.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { isDue } from "../../scripts/start/crons.ts";
import { isStateFolderTaken, releaseStateFolder, takeStateFolder } from "../../scripts/start/instance.ts";
import { busyPortLine, isBusy } from "../../scripts/start/ports.ts";
import { isRunning, markOf } from "../../scripts/start/processes.ts";
import { localSecrets } from "../../scripts/start/secrets.ts";
import { readSettings } from "../../scripts/start/settings.ts";
import { freePorts } from "../support/stack.ts";

const ROOT = join(import.meta.dirname, "../..");
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meterplace-test-"));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function listen(host = "127.0.0.1"): Promise<number> {
  const server: Server = createServer();
  cleanUps.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as { port: number }).port;
}

/** Runs a command of ours as a person would, from outside. */
function runScript(script: string[], environment: Record<string, string>) {
  return new Promise<{ code: number; stderr: string; stdout: string }>((resolve) => {
    execFile(
      process.execPath,
      script,
      { cwd: ROOT, env: { ...process.env, ...environment } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

it("says which port is busy and which variable moves it, in one line, and exits with 1", async () => {
  const busy = await listen();
  const [web, demo, stripe] = await freePorts(3);
  const { code, stderr } = await runScript(["scripts/start.ts"], {
    STATE_DIR: temporaryFolder(),
    API_PORT: `${busy}`,
    WEB_PORT: `${web}`,
    DEMO_PORT: `${demo}`,
    STRIPE_PORT: `${stripe}`,
  });
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(`Port ${busy} (the API) is in use`);
  expect(stderr).toContain("API_PORT=");
}, 30_000);

it("does not mind a busy port it will not use", async () => {
  const [api, web, demo] = await freePorts(3);
  const settings = readSettings({
    API_PORT: `${api}`,
    WEB_PORT: `${web}`,
    DEMO_PORT: `${demo}`,
    STRIPE_PORT: `${await listen()}`,
    STRIPE_SECRET_KEY: "sk_test_real",
  });
  expect(await busyPortLine(settings)).toBeNull();
});

it("sees a listener on either loopback family", async () => {
  expect(await isBusy(await listen("127.0.0.1"))).toBe(true);
  expect(await isBusy((await freePorts(1))[0]!)).toBe(false);
});

it("refuses an old Node in one line before anything else", async () => {
  const asOldNode =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.8"}})';
  const { code, stderr } = await runScript(["--import", asOldNode, "scripts/with-install.mjs", "scripts/start.ts"], {});
  expect(code).toBe(1);
  expect(stderr.trim()).toBe("Meterplace needs Node 20 or newer; this is Node 18.20.8.");
});

it("keeps the local secrets for the owner only, and never changes one", async () => {
  const folder = temporaryFolder();
  const first = await localSecrets(folder);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(await localSecrets(folder)).toEqual(first);
  expect(JSON.parse(first.SIGNING_KEYS).keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256" });
});

it("makes a secret that a newer version asks for and keeps the others", async () => {
  const folder = temporaryFolder();
  const { DATA_KEY, ...others } = await localSecrets(folder);
  writeFileSync(join(folder, "secrets.json"), JSON.stringify(others));
  const again = await localSecrets(folder);
  expect(again).toMatchObject(others);
  expect(again.DATA_KEY).not.toBe(DATA_KEY);
});

it("lets one launcher at a time have a state folder", async () => {
  const folder = temporaryFolder();
  await takeStateFolder(folder);
  expect(isStateFolderTaken(folder)).toBe(true);
  await expect(takeStateFolder(folder)).rejects.toThrow("already running");
  releaseStateFolder(folder);
  expect(isStateFolderTaken(folder)).toBe(false);
});

it("takes a folder whose launcher is gone, even when its process id is used again", async () => {
  const folder = temporaryFolder();
  const launcher = { pid: process.pid, began: "another moment" };
  writeFileSync(join(folder, "running.json"), JSON.stringify({ launcher, runtime: [] }));
  expect(await takeStateFolder(folder)).toEqual([]);
});

it("ends the workerd a killed launcher left behind, and never a stranger with the same id", async () => {
  const folder = temporaryFolder();
  const orphan = execFile(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  cleanUps.push(() => orphan.kill("SIGKILL"));
  const mark = markOf(orphan.pid!)!;
  const gone = { pid: 2 ** 30, began: "0" };
  const leave = (runtime: unknown) =>
    writeFileSync(join(folder, "running.json"), JSON.stringify({ launcher: gone, runtime }));

  leave([{ ...mark, began: "another moment" }]);
  expect(await takeStateFolder(folder)).toEqual([]);
  expect(isRunning(mark)).toBe(true);

  leave([mark]);
  expect(await takeStateFolder(folder)).toEqual([expect.stringContaining(`process ${orphan.pid}`)]);
  expect(isRunning(mark)).toBe(false);
});

it.each([
  ["* * * * *", "2027-01-01T00:00:00Z", true],
  ["17 * * * *", "2027-01-01T05:17:00Z", true],
  ["17 * * * *", "2027-01-01T05:18:00Z", false],
  ["*/15 3-5 * * *", "2027-01-01T04:45:00Z", true],
  ["*/15 3-5 * * *", "2027-01-01T06:45:00Z", false],
  ["0 9 1,15 * *", "2027-01-15T09:00:00Z", true],
  ["0 9 * * 1", "2027-01-04T09:00:00Z", true],
  ["0 9 * * 1", "2027-01-05T09:00:00Z", false],
])("knows whether %s is due at %s", (cron, at, due) => {
  expect(isDue(cron, new Date(at))).toBe(due);
});

it("needs no install before any npm script: all but the fixer go through the installing door", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  // `exec`: else a signal sent to npm stops at the shell between npm and us.
  const others = Object.entries(scripts).filter(
    ([, command]) => !command.startsWith("exec node scripts/with-install.mjs"),
  );
  expect(others.map(([name]) => name)).toEqual(["fix"]);
});
