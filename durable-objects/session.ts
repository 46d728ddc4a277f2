// One metered session's clock.

import { DurableObject } from "cloudflare:workers";
import type { Env } from "../workers/env.ts";

export class MeteredSession extends DurableObject<Env> {}
