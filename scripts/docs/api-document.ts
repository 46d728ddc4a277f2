// The API's OpenAPI document, read outside workerd: the routes are imported as they are, only the platform's own module is
// an empty one, because nothing of it is called.

import { registerHooks } from "node:module";

/** The addresses of a public deployment, so that the document says the same on every machine. */
export const DOCUMENT_ORIGIN = "https://api.meterplace.example";

const PLATFORM = "cloudflare:workers";
const EMPTY_PLATFORM =
  "data:text/javascript,export class DurableObject {}; export class WorkerEntrypoint {}; export const env = {};";

registerHooks({
  resolve: (name, context, next) =>
    name === PLATFORM ? { url: EMPTY_PLATFORM, shortCircuit: true } : next(name, context),
});

/** The whole API with all its routes, and its document. */
export async function readApi() {
  const { createApp } = await import("../../workers/app.ts");
  const { apiDocument } = await import("../../workers/docs/document.ts");
  const app = createApp();
  return { app, document: apiDocument(app, DOCUMENT_ORIGIN) };
}
