// `npm run check`: format, lint and types, two at a time. `npm run fix` repairs the first two.

import { CHECKS } from "./test/checks.ts";
import { closingLine, runSteps } from "./test/steps.ts";

const total = await runSteps(CHECKS, 2);
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
