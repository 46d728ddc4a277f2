// Global set-up of the test projects that need what the SDK builds: the Worker serves its scripts, tests load them.

import { buildAll } from "../../scripts/build/all.ts";

export default (): Promise<void> => buildAll(console.log, "sdk");
