// `npm run build`: the SDK, the API Worker's bundle and the PWA, each only when its sources changed.

import { buildAll } from "./build/all.ts";

await buildAll(console.log);
console.log("dist/ and sdk/dist/ are up to date.");
