// A round of checks: the apps that are due, a few at once, and those that fail again a little later, until the round's time
// is over. It may die at any point: leases run out, and the next round looks again.

import type { Millis } from "../clock.ts";
import { newId } from "../ids.ts";
import { isSilent, judge, OPEN_MS, type Judgement } from "./breaker.ts";
import { checkApp, CHECK_TIMEOUT_MS, type CheckAnswer, type CheckSettings } from "./check.ts";
import {
  claimDue,
  countEnded,
  nextSuspectAt,
  recordChecks,
  sessionsInSilence,
  type CheckRecord,
  type DueApp,
} from "./health-store.ts";

/** The platform allows six connections an invocation. */
const CHECKS_AT_ONCE = 6;
/** Taken at once: with every one timing out it is done before the lease ends. */
const APPS_PER_PASS = 48;
const LEASE_MS = (APPS_PER_PASS / CHECKS_AT_ONCE) * CHECK_TIMEOUT_MS + 20_000;
/** Ended of one app at each failed check; what is left comes with the next. */
const SESSIONS_PER_CHECK = 200;
const ENDS_AT_ONCE = 10;
/** When more than half of at least so many origins that were well fall silent at once, the fault is ours. */
const ORIGINS_TO_DOUBT_US = 5;

export interface WatchSettings extends CheckSettings {
  db: D1Database;
  clock: () => Millis;
  /** Waits between passes. Tests pass one that moves their clock. */
  pause: (ms: number) => Promise<void>;
  /** No pass begins after it. */
  stopAt: Millis;
  /** Ends a session as `provider_error`; the session's own object does it. */
  endSession: (sessionId: string) => Promise<void>;
  /** Called when apps became available or unavailable. */
  onChange: (providerIds: string[]) => void;
  /** For the log. */
  onTrouble: (facts: { message: string } & Record<string, unknown>) => void;
}

/** @returns how many checks were made. Safe to run any number of times at once: each app is held by one lease. */
export async function watchApps(settings: WatchSettings): Promise<number> {
  let checks = 0;
  for (;;) {
    const now = settings.clock();
    const token = newId(now);
    const due = await claimDue(settings.db, { token, until: now + LEASE_MS, limit: APPS_PER_PASS }, now);
    if (due.length > 0) await checkPass(settings, token, due);
    checks += due.length;
    if (settings.clock() >= settings.stopAt) return checks;
    if (due.length === APPS_PER_PASS) continue;
    // Only what fails is worth staying for; the others have their minute.
    const next = await nextSuspectAt(settings.db);
    if (next === null || next >= settings.stopAt) return checks;
    await settings.pause(Math.max(0, next - settings.clock()));
  }
}

async function checkPass(settings: WatchSettings, token: string, due: DueApp[]): Promise<void> {
  const answers = await inTurns(CHECKS_AT_ONCE, due, (app) => checkApp(app.appUrl, settings));
  const now = settings.clock();
  const checked = due.map((app, index) => ({ app, answer: answers[index]! }));
  const isOurFault = looksLikeUs(checked);
  if (isOurFault) settings.onTrouble({ message: "availability round not believed", apps: due.length });
  const judged = checked.map(({ app, answer }) => ({
    app,
    answer,
    judgement:
      isOurFault && !answer.isOk ? unbelieved(app, now) : judge(app.health, { ...app, isOk: answer.isOk }, now),
    isBelieved: answer.isOk || !isOurFault,
  }));
  await recordChecks(
    settings.db,
    token,
    judged.map(({ app, answer, judgement, isBelieved }): CheckRecord => ({
      providerId: app.providerId,
      health: judgement.health,
      code: answer.code,
      error: answer.error,
      nextCheckAt: judgement.nextCheckAt,
      checkedAt: isBelieved ? now : null,
    })),
  ).run();
  const changed = judged.filter(({ judgement }) => judgement.change !== null);
  if (changed.length > 0) settings.onChange(changed.map(({ app }) => app.providerId));
  for (const { app, judgement, isBelieved } of judged)
    if (isBelieved && isSilent(judgement.health, now))
      await endSessions(settings, app.providerId, judgement.health.failingSince!, now);
}

/** What was well and is silent now, by origin: one host that is down takes all of its apps with it. */
function looksLikeUs(checked: { app: DueApp; answer: CheckAnswer }[]): boolean {
  const wasWell = checked.filter(({ app }) => app.health.firstOkAt !== null && app.health.failingSince === null);
  const origins = new Set(wasWell.map(({ app }) => app.appOrigin));
  const silent = new Set(wasWell.filter(({ answer }) => !answer.isOk).map(({ app }) => app.appOrigin));
  return origins.size >= ORIGINS_TO_DOUBT_US && silent.size * 2 > origins.size;
}

const unbelieved = ({ health }: DueApp, now: Millis): Judgement => ({
  health,
  change: null,
  nextCheckAt: now + OPEN_MS,
});

async function endSessions(settings: WatchSettings, providerId: string, failingSince: Millis, now: Millis) {
  const ids = await sessionsInSilence(settings.db, { providerId, failingSince, limit: SESSIONS_PER_CHECK }, now);
  if (ids.length === 0) return;
  const ends = await inTurns(ENDS_AT_ONCE, ids, async (id) => {
    try {
      await settings.endSession(id);
      return 1;
    } catch (error) {
      // The next failed check finds it again.
      settings.onTrouble({ message: "session not ended in an outage", sessionId: id, error: String(error) });
      return 0;
    }
  });
  const ended = ends.reduce<number>((sum, one) => sum + one, 0);
  if (ended > 0) await countEnded(settings.db, providerId, ended).run();
}

/** `work` for each, so many at once; answers in the order asked. */
async function inTurns<In, Out>(
  atOnce: number,
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const answers: Out[] = [];
  const queue = items.entries();
  const turn = async () => {
    for (const [index, item] of queue) answers[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
  return answers;
}
