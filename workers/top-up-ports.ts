// What automatic top-up asks of the sessions' own clocks: when a page was last heard of.

import { BEAT_SECONDS } from "../sdk/src/protocol/session.ts";
import type { Result } from "../domain/result.ts";
import type { TopUpPorts } from "../domain/top-up/run.ts";
import type { SessionAnswer } from "../durable-objects/session-answer.ts";
import type { Env } from "./env.ts";

export const topUpPorts = (env: Env): TopUpPorts => ({
  lastBeatAt: async (sessionId, userId) => {
    const caller = { sessionId, by: "user", userId } as const;
    const answer = (await env.SESSIONS.getByName(sessionId).snapshot(caller)) as Result<SessionAnswer>;
    if (!answer.ok || answer.value.session.nextBeatDue === null) return null;
    const { startedAt, nextBeatDue } = answer.value.session;
    const lastBeatAt = Date.parse(nextBeatDue) - BEAT_SECONDS * 1000;
    // The start itself is no beat.
    return startedAt !== null && lastBeatAt > Date.parse(startedAt) ? lastBeatAt : null;
  },
});
