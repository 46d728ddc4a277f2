// `npm run rank`: how good search is on two sets of apps and needs, by words alone and by words and meaning. docs/ranking.md.

import { buildAll } from "./build/all.ts";
import { run } from "./run.ts";

await buildAll(console.log, ["sdk", "encoder"]);
const { code } = await run("vitest", ["run", "--project", "ranking", "--disable-console-intercept"], { echo: true });
process.exitCode = code;
