// Forgets what is kept for a time only: idempotency records after 24 h.

import type { Millis } from "../../domain/clock.ts";
import { purgeRecordedAnswers } from "../../domain/idempotency.ts";
import type { Env } from "../env.ts";

export const purgeExpired = (env: Env, now: Millis): Promise<void> => purgeRecordedAnswers(env.DB, now);
