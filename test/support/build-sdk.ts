// Global set-up of the test projects that need what is built: the Worker serves the SDK's scripts and reads the encoder and the guides.

import { buildAll } from "../../scripts/build/all.ts";

export default (): Promise<void> => buildAll(console.log, ["sdk", "encoder", "docs"]);
