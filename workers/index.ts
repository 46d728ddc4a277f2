// The only entry of the API Worker. It wires and nothing else.

import { createApp } from "./app.ts";
import type { Env } from "./env.ts";

export { MeteredSession } from "../durable-objects/session.ts";

const app = createApp();

export default {
  fetch: app.fetch,
} satisfies ExportedHandler<Env>;
