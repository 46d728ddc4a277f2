// Writes the documents that are made of the code: docs/errors.md and the Postman collection. Run it after changing a route
// or an error; test/scripts/openapi.test.ts fails when they are behind.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readApi } from "./docs/api-document.ts";
import { errorsMarkdown } from "./docs/errors-markdown.ts";
import { postmanCollection } from "./docs/postman.ts";
import { runOrThrow } from "./run.ts";

const ROOT = join(import.meta.dirname, "..");

const { document } = await readApi();
const files = {
  "docs/errors.md": errorsMarkdown(),
  "docs/postman/meterplace.postman_collection.json": `${JSON.stringify(postmanCollection(document), null, 2)}\n`,
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(join(ROOT, name)), { recursive: true });
  writeFileSync(join(ROOT, name), text);
  console.log(`wrote ${name}`);
}
await runOrThrow("oxfmt", Object.keys(files));
