// Forgets what is kept for a time only: idempotency records after 24 h, sign-ins nobody can renew, attempts long past,
// where erased people were paid once nothing is owed, notifications after half a year, counts of days after a year and a month, who asked a language model after two days.

import type { Millis } from "../../domain/clock.ts";
import { purgeDayCounts } from "../../domain/catalogue/day-counts-store.ts";
import { purgeConversations } from "../../domain/discovery/chat/store.ts";
import { purgeRecordedAnswers } from "../../domain/idempotency.ts";
import { purgeExpiredSignIns } from "../../domain/identity/store.ts";
import { purgeFullBuckets } from "../../domain/limits/store.ts";
import { purgeModelUse } from "../../domain/models/budget-store.ts";
import { purgeNotifications } from "../../domain/notifications/store.ts";
import { purgePayees } from "../../domain/payouts/erasure-store.ts";
import { SCHEDULED_KEPT_MS } from "../../domain/sessions/schedule.ts";
import { purgeScheduled } from "../../domain/sessions/schedule-store.ts";
import type { Env } from "../env.ts";

export async function purgeExpired(env: Env, now: Millis): Promise<void> {
  await purgeRecordedAnswers(env.DB, now);
  await env.DB.batch([
    purgeExpiredSignIns(env.DB, now),
    purgeFullBuckets(env.DB, now),
    purgeNotifications(env.DB, now),
    purgeConversations(env.DB, now),
    purgeScheduled(env.DB, now - SCHEDULED_KEPT_MS),
    purgeDayCounts(env.DB, now),
    purgeModelUse(env.DB, now),
    ...purgePayees(env.DB, now),
  ]);
}
