// `npm run check`: format, lint and types, two at a time. `npm run fix` repairs the first two.

import { buildAll } from "./build/all.ts";
import { CHECKS } from "./test/checks.ts";
import { closingLine, runSteps } from "./test/steps.ts";

// The Worker imports a module the SDK's build writes; without it the types do not hold.
await buildAll(console.log, ["sdk", "encoder"]);
const total = await runSteps(CHECKS, 2);
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
