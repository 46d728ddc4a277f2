// The meter against a slow reference that keeps one flag per second of a session's life, and against itself when its
// alarms come late.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as clock from "../../../domain/sessions/meter.ts";
import type { Meter, Step } from "../../../domain/sessions/meter.ts";

const START = 1_800_000_000_000;
const at = (second: number): number => START + second * 1000;

type Command = { wait: number } & (
  | { kind: "beat"; active: boolean }
  | { kind: "pause" | "resume"; by: clock.Actor }
  | { kind: "extend"; seconds: number }
  | { kind: "end" }
);

const actor = fc.constantFrom<clock.Actor>("user", "page", "provider");
// Waits hug the limits of the rules: 30 s beats, 90 s lost, 120 s idle, 30 min abandoned.
const wait = fc.oneof(
  { weight: 6, arbitrary: fc.constant(30) },
  fc.constantFrom(1, 29, 31, 89, 90, 91, 119, 120, 121, 1799, 1800),
  fc.integer({ min: 0, max: 400 }),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ wait, kind: fc.constant("beat" as const), active: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ wait, kind: fc.constant("pause" as const), by: actor }) },
  { weight: 6, arbitrary: fc.record({ wait, kind: fc.constant("resume" as const), by: actor }) },
  {
    weight: 3,
    arbitrary: fc.record({ wait, kind: fc.constant("extend" as const), seconds: fc.constantFrom(300, 600) }),
  },
  { weight: 1, arbitrary: fc.record({ wait, kind: fc.constant("end" as const) }) },
);
const life = fc.record({
  durationSeconds: fc.constantFrom(300, 600, 3600),
  commands: fc.array(command, { maxLength: 60 }),
});

function obey(meter: Meter, now: number, order: Command): Step {
  switch (order.kind) {
    case "beat":
      return clock.beat(meter, now, order.active);
    case "pause":
      return clock.pause(meter, now, order.by);
    case "resume":
      return clock.resume(meter, now, order.by);
    case "extend":
      return clock.extend(meter, now, meter.durationSeconds + order.seconds);
    case "end":
      return clock.end(meter, now, "user_ended");
  }
}

/** One flag per second: was it active? Looks at every second, knows nothing of intervals or deadlines. */
class SecondBySecond {
  active: boolean[] = [];
  now = 0;
  running = true;
  runningFrom = 0;
  cause: string | null = null;
  pausedAt = 0;
  lastBeat = 0;
  lastActivity = 0;
  ended: string | null = null;
  limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  get activeSeconds(): number {
    return this.active.filter(Boolean).length;
  }
  /** Live through one second, then see what is due at its end. */
  second(): void {
    if (this.ended) return void this.now++;
    this.active[this.now] = this.running;
    this.now++;
    this.due();
  }
  due(): void {
    if (this.ended) return;
    const lost = Math.max(this.runningFrom, this.lastBeat);
    if (this.running && this.now >= lost + 90) this.stop("heartbeat_lost", lost);
    else if (this.now >= 12 * 3600) this.ended = "time_expired";
    else if (this.running && this.activeSeconds >= this.limit) this.ended = "time_expired";
    else if (this.running && this.now >= this.lastActivity + 120)
      this.stop("idle", Math.max(this.runningFrom, this.lastActivity + 120));
    if (!this.ended && !this.running && this.now >= this.pausedAt + 1800) this.ended = "abandoned";
  }
  stop(cause: string, from: number): void {
    this.active.fill(false, from, this.now);
    this.running = false;
    this.cause = cause;
    this.pausedAt = from;
  }
  go(): void {
    this.running = true;
    this.cause = null;
    this.runningFrom = this.now;
  }
  obey(order: Command): void {
    if (this.ended) return;
    if (order.kind === "beat") {
      this.lastBeat = this.now;
      if (order.active) this.lastActivity = this.now;
      if (this.cause === "heartbeat_lost" || (this.cause === "idle" && order.active)) {
        if (this.now >= this.lastActivity + 120) this.cause = "idle";
        else this.go();
      }
    } else if (order.kind === "pause") {
      const rank = (cause: string) => (cause === "user" ? 2 : cause === "page" || cause === "provider" ? 1 : 0);
      if (this.running) this.stop(order.by, this.now);
      else if (rank(order.by) > rank(this.cause!)) this.cause = order.by;
    } else if (order.kind === "resume") {
      if (this.running || (this.cause === "user" && order.by !== "user")) return;
      this.lastActivity = this.now;
      if (order.by !== "user") this.lastBeat = this.now;
      this.go();
    } else if (order.kind === "extend") this.limit += order.seconds;
    else this.ended = "user_ended";
  }
}

describe("the meter", () => {
  it("agrees with a second-by-second reference over any life of a session", () => {
    fc.assert(
      fc.property(life, ({ durationSeconds, commands }) => {
        let meter = clock.startMeter(START, durationSeconds);
        const reference = new SecondBySecond(durationSeconds);
        for (const order of commands) {
          for (let i = 0; i < order.wait; i++) {
            reference.second();
            meter = clock.advance(meter, at(reference.now)).meter;
          }
          reference.obey(order);
          meter = obey(meter, at(reference.now), order).meter;
          expect({
            active: clock.activeSeconds(meter, at(reference.now)),
            ended: meter.ended?.reason ?? null,
            cause: meter.ended ? null : meter.pauseCause,
          }).toEqual({
            active: reference.activeSeconds,
            ended: reference.ended,
            cause: reference.ended ? null : reference.cause,
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  it("never charges more when its alarms come late than when they come in time", () => {
    fc.assert(
      fc.property(life, ({ durationSeconds, commands }) => {
        let late = clock.startMeter(START, durationSeconds);
        let timely = late;
        let second = 0;
        for (const order of commands) {
          for (let i = 0; i < order.wait; i++) timely = clock.advance(timely, at(++second)).meter;
          late = obey(late, at(second), order).meter;
          timely = obey(timely, at(second), order).meter;
          // Once they have parted, a different life begins; what is compared is the bill of the same one.
          if (Boolean(late.ended) !== Boolean(timely.ended) || late.pauseCause !== timely.pauseCause) {
            expect(clock.activeMs(late, at(second))).toBeLessThanOrEqual(clock.activeMs(timely, at(second)));
            return;
          }
          expect(clock.activeMs(late, at(second))).toBeLessThanOrEqual(clock.activeMs(timely, at(second)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is due exactly when something happens, and looking twice changes nothing", () => {
    fc.assert(
      fc.property(life, ({ durationSeconds, commands }) => {
        let meter = clock.startMeter(START, durationSeconds);
        let now = START;
        for (const order of commands) {
          now += order.wait * 1000;
          meter = obey(meter, now, order).meter;
          const due = clock.nextDue(meter);
          if (due === null) return;
          expect(due).toBeGreaterThan(now);
          expect(clock.advance(meter, due - 1).transitions).toEqual([]);
          const step = clock.advance(meter, due);
          expect(step.transitions.length).toBeGreaterThan(0);
          expect(clock.advance(step.meter, due)).toEqual({ meter: step.meter, transitions: [] });
        }
      }),
      {
        numRuns: 300,
        examples: [
          // Idle at the very second of the warning, and started again in that second: the warning was due in the past.
          [
            {
              durationSeconds: 300,
              commands: [
                { wait: 89, kind: "beat", active: false },
                { wait: 31, kind: "resume", by: "user" },
                { wait: 30, kind: "beat", active: false },
                { wait: 60, kind: "beat", active: false },
                { wait: 30, kind: "resume", by: "user" },
              ],
            },
          ],
        ],
      },
    );
  });

  it("closes intervals that tile the whole life without gap or overlap, and whose active parts are the bill", () => {
    fc.assert(
      fc.property(life, ({ durationSeconds, commands }) => {
        let meter = clock.startMeter(START, durationSeconds);
        let now = START;
        const intervals: clock.Interval[] = [];
        const take = (step: Step) => {
          meter = step.meter;
          for (const transition of step.transitions) if ("closed" in transition) intervals.push(transition.closed);
        };
        for (const order of commands) take(obey(meter, (now += order.wait * 1000), order));
        take(clock.end(meter, now + 1000, "user_ended"));
        let reached = START;
        for (const interval of intervals) {
          expect(interval.from).toBe(reached);
          expect(interval.to).toBeGreaterThanOrEqual(interval.from);
          reached = interval.to;
        }
        expect(reached).toBe(meter.ended!.at);
        const active = intervals.reduce(
          (sum, interval) => sum + (interval.kind === "active" ? interval.to - interval.from : 0),
          0,
        );
        expect(clock.activeMs(meter, meter.ended!.at)).toBe(active);
      }),
      { numRuns: 300 },
    );
  });
});

describe("neighbours of every limit", () => {
  const begin = (seconds = 3600) => clock.startMeter(START, seconds);
  const beating = (meter: Meter, from: number, to: number, active: boolean): Meter => {
    let current = meter;
    for (let second = from; second <= to; second += 30) current = clock.beat(current, at(second), active).meter;
    return current;
  };

  it("loses the heartbeat at 90 s, not at 89", () => {
    expect(clock.advance(begin(), at(90) - 1).meter.pauseCause).toBeNull();
    expect(clock.advance(begin(), at(90)).meter).toMatchObject({
      pauseCause: "heartbeat_lost",
      pausedAt: at(0),
      activeMs: 0,
    });
  });

  it("idles at 120 s after the last activity, not before", () => {
    const meter = beating(begin(), 30, 90, false);
    expect(clock.beat(meter, at(120) - 1, false).meter.pauseCause).toBeNull();
    expect(clock.beat(meter, at(120), false).meter).toMatchObject({ pauseCause: "idle", pausedAt: at(120) });
  });

  it("abandons at 30 min of pause, counted from when the pause took effect", () => {
    const paused = clock.advance(begin(), at(90)).meter;
    expect(clock.advance(paused, at(1800) - 1).meter.ended).toBeNull();
    expect(clock.advance(paused, at(1800)).meter.ended).toEqual({ at: at(1800), reason: "abandoned" });
  });

  it("warns at 20 % of a short session and at five minutes of a long one", () => {
    const short = beating(begin(600), 30, 480, true);
    expect(short.warned).toBe(true);
    expect(beating(begin(600), 30, 450, true).warned).toBe(false);
    expect(clock.advance(beating(begin(3600), 30, 3270, true), at(3300) - 1).meter.warned).toBe(false);
    expect(clock.advance(beating(begin(3600), 30, 3270, true), at(3300)).meter.warned).toBe(true);
  });

  it("charges nothing for a clock started from the marketplace with no page behind it", () => {
    const paused = clock.pause(begin(), at(10), "user").meter;
    const resumed = clock.resume(paused, at(600), "user").meter;
    expect(clock.advance(resumed, at(690)).meter).toMatchObject({ pauseCause: "heartbeat_lost", activeMs: 10_000 });
  });
});
