// `npm run test:runtimes`: the server client as providers install it, really run in Node (this one and the machine's own),
// workerd, Deno and Bun; and the adapter for Next in Next. The last three come as npm packages, fetched once: 540 MB that
// `npm test` should not cost everybody.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSdk } from "../sdk/build.ts";
import { inNext } from "../test/runtimes/next.ts";
import { inProcess, inWorkerd, makeScene, withApi, type Outcome } from "../test/runtimes/scene.ts";
import { closingLine } from "./test/steps.ts";
import { ROOT } from "./start/settings.ts";

const FETCHED = { deno: "2.9.6", bun: "1.4.5" } as const;
const CACHE = join(ROOT, "node_modules", ".cache", "runtimes");

function fetchRuntime(name: keyof typeof FETCHED): string {
  const folder = join(CACHE, name);
  const program = join(folder, "node_modules", ".bin", name);
  if (!existsSync(program)) {
    console.log(`Fetching ${name} ${FETCHED[name]} as an npm package (once).`);
    mkdirSync(folder, { recursive: true });
    execFileSync(
      "npm",
      ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `${name}@${FETCHED[name]}`],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
  }
  return program;
}

const version = (command: string, args = ["--version"]) =>
  spawnSync(command, args, { encoding: "utf8" }).stdout.trim().split("\n")[0]!;

async function main(): Promise<void> {
  await buildSdk();
  const systemNode = (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, "node"))
    .find((path) => existsSync(path));
  const deno = fetchRuntime("deno");
  const bun = fetchRuntime("bun");
  const runtimes: Record<string, (scene: object) => Promise<Outcome[]>> = {
    [`node ${process.version}`]: (scene) => inProcess(process.execPath, [], scene),
    ...(systemNode && { [`node ${version(systemNode)}`]: (scene: object) => inProcess(systemNode, [], scene) }),
    workerd: inWorkerd,
    [version(deno)]: (scene) =>
      inProcess(deno, ["run", "--allow-net=127.0.0.1", "--allow-read", "--allow-write", "--no-prompt"], scene),
    [`bun ${version(bun)}`]: (scene) => inProcess(bun, [], scene),
  };
  let passed = 0;
  let failed = 0;
  const tell = (where: string, outcomes: Outcome[]) => {
    console.log(where);
    for (const { name, error } of outcomes) {
      console.log(`  ${error === null ? "ok" : "FAILED"} ${name}${error === null ? "" : `\n    ${error}`}`);
      if (error === null) passed += 1;
      else failed += 1;
    }
  };
  await withApi(async (origin, publish) => {
    for (const [name, walkIn] of Object.entries(runtimes)) {
      const { jwks, scene } = await makeScene(origin);
      publish(jwks);
      tell(name, await walkIn(scene));
    }
  });
  tell("next 16, the guide's sample", await inNext(join(tmpdir(), "meterplace-next")));
  console.log(closingLine({ passed, failed, skipped: 0 }));
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

await main();
