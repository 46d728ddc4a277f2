// Planned sessions: their people are reminded when the window opens, and those nobody started are missed.

import type { Millis } from "../../domain/clock.ts";
import { tendPlans as tend } from "../../domain/sessions/schedule.ts";
import type { Env } from "../env.ts";

export const tendPlans = (env: Env, now: Millis): Promise<void> => tend(env.DB, now);
