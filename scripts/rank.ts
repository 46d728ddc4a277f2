// `npm run rank`: how good search and chat are on three sets of apps and needs, by words alone and by words and meaning.
// docs/ranking.md records it.

import { buildAll } from "./build/all.ts";
import { run } from "./run.ts";

await buildAll(console.log, ["sdk", "encoder"]);
const { code } = await run("vitest", ["run", "--project", "ranking", "--disable-console-intercept"], { echo: true });
process.exitCode = code;
