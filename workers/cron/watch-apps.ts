// Every minute: whether apps answer. What fails is looked at again within the round; an app that stays silent takes no new
// sessions, and those that run in it end at no cost (domain/availability).

import { watchApps as watch } from "../../domain/availability/watch-apps.ts";
import { forgetCatalogue } from "../../domain/catalogue/listing.ts";
import { forgetProvider } from "../../domain/catalogue/load-for-session.ts";
import { wallClock } from "../../domain/clock.ts";
import { unwrap, type Result } from "../../domain/result.ts";
import type { SessionAnswer } from "../../durable-objects/session-answer.ts";
import { sendHint } from "../consumers/hint.ts";
import { hintCatalogue } from "../consumers/index-catalogue.ts";
import type { Env } from "../env.ts";

/** Well before the next minute's round. */
const ROUND_MAX_MS = 45_000;

export async function watchApps(env: Env): Promise<void> {
  if (env.AVAILABILITY_CHECKS === "off") return;
  const told: Promise<void>[] = [];
  await watch({
    db: env.DB,
    environment: env.ENVIRONMENT,
    send: (...request) => (env.EGRESS ? env.EGRESS.fetch(...request) : fetch(...request)),
    clock: wallClock,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    stopAt: wallClock() + ROUND_MAX_MS,
    endSession: async (sessionId) => {
      const clock = env.SESSIONS.getByName(sessionId);
      unwrap((await clock.end({ sessionId, by: "operator" }, "provider_error", true)) as Result<SessionAnswer>);
    },
    onTrouble: (facts) => console.error(JSON.stringify(facts)),
    onChange: (providerIds) => {
      forgetCatalogue();
      for (const id of providerIds) forgetProvider(id);
      told.push(sendHint(env), hintCatalogue(env));
    },
  });
  await Promise.all(told);
}
