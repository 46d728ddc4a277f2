// How exactly time is billed: thousands of visits, billed by the meter as its object runs it (alarms that come late, memory
// that is lost, messages twice), against a ground truth that knows the future. The figures stand in docs/session-accuracy.md.

import { expect, it } from "vitest";
import * as clock from "../../../domain/sessions/meter.ts";
import type { Meter } from "../../../domain/sessions/meter-state.ts";
import { isNews } from "../../../durable-objects/session-steps.ts";
import { activeMsOf } from "./accuracy/oracle.ts";
import { dice, visit, type Message, type Visit } from "./accuracy/world.ts";

const VISITS = 4_000;
const START = 1_800_000_000_000;

/** What the session's object makes of the messages. */
function billedSeconds({ durationSeconds, messages }: Visit, random: () => number): number {
  let meter = clock.startMeter(START, durationSeconds);
  let stored = meter;
  const keep = (next: Meter) => {
    meter = next;
    if (isNews(stored, meter)) stored = meter;
  };
  let answeredAt = 0;
  let lookedAt = START;
  const readAnswers = () => (meter = clock.seenAt(meter, answeredAt));
  /** Alarms up to `until`: mostly a second late, sometimes a minute, and some never ring. */
  const ringUntil = (until: number) => {
    for (;;) {
      const checkpoint = answeredAt > 0 ? clock.checkpointAt(meter, lookedAt) : null;
      const due = Math.min(clock.nextDue(meter) ?? Infinity, checkpoint ?? Infinity);
      if (due === Infinity) return;
      const rings = due + Math.round(random() < 0.02 ? random() * 60_000 : random() * 1_500);
      if (rings > until) return;
      lookedAt = rings;
      readAnswers();
      keep(clock.advance(meter, rings).meter);
    }
  };
  for (const message of messages) {
    const now = START + message.at;
    if (random() < 0.95) ringUntil(now);
    if (message.kind === "answer") {
      answeredAt = now;
      continue;
    }
    if (random() < 0.01) meter = stored;
    readAnswers();
    keep(obey(meter, now, message));
  }
  ringUntil(START + 24 * 3_600_000);
  return clock.activeSeconds(meter, meter.ended!.at);
}

function obey(meter: Meter, now: number, message: Exclude<Message, { kind: "answer" }>): Meter {
  switch (message.kind) {
    case "beat":
      return clock.beat(meter, now, message.active, START + message.actedAt).meter;
    case "pause":
      return clock.pause(meter, now, message.by).meter;
    case "resume":
      return clock.resume(meter, now, message.by).meter;
    case "extend": {
      const looked = clock.advance(meter, now).meter;
      return looked.ended ? looked : clock.extend(looked, now, looked.durationSeconds + message.seconds).meter;
    }
    case "end":
      return clock.end(meter, now, "user_ended").meter;
  }
}

it(`bills at least 99.99 % of the seconds of ${VISITS} visits, and not one too many`, () => {
  const sum = { true: 0, missed: 0, over: 0, exact: 0 };
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= VISITS; seed++) {
    const random = dice(seed);
    const it = visit(random);
    const truth = Math.floor(activeMsOf(it.durationSeconds, it.messages) / 1000);
    const billed = billedSeconds(it, random);
    sum.true += truth;
    sum.missed += Math.max(0, truth - billed);
    if (billed > truth) sum.over++;
    if (billed === truth) sum.exact++;
    for (const kind of it.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const accuracy = 1 - sum.missed / sum.true;
  console.log(
    `${VISITS} visits, ${sum.true} s of active time: ${(accuracy * 100).toFixed(4)} % billed, ${sum.missed} s missed, ` +
      `${sum.over} visits overcharged, ${sum.exact} exact to the second; ${JSON.stringify(Object.fromEntries(kinds))}`,
  );
  expect(sum.over).toBe(0);
  expect(accuracy).toBeGreaterThanOrEqual(0.9999);
  // Every kind of trouble was there, and not in one visit only.
  for (const [kind, times] of kinds) expect([kind, times > 50]).toEqual([kind, true]);
  expect(kinds.size).toBe(16);
});
