// The meter against a slow reference that keeps one flag per second of a session's life, and against itself when its
// alarms come late.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as clock from "../../../domain/sessions/meter.ts";
import type { Meter } from "../../../domain/sessions/meter-state.ts";
import type { Step } from "../../../domain/sessions/meter.ts";

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

/** One flag per second: was it active? Lives through every second, knows nothing of intervals or deadlines. */
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
  /** Live through one second, then see what is known at its end. */
  second(): void {
    if (this.ended) return void this.now++;
    this.active[this.now] = this.running;
    this.now++;
    this.due();
  }
  due(): void {
    if (this.ended) return;
    const seen = Math.max(this.runningFrom, this.lastBeat);
    if (this.running) this.witness(seen);
    if (this.running && this.now >= seen + 90) this.stop("heartbeat_lost", seen);
    if (this.now >= 12 * 3600) this.ended ??= "time_expired";
    if (!this.ended && !this.running && this.now >= this.pausedAt + 1800) this.ended = "abandoned";
  }
  /** Somebody was there until this second: look at all of them up to it for the one at which the clock should have stopped. */
  witness(until: number): void {
    for (let second = this.runningFrom; this.running && !this.ended && second <= until; second++) {
      const before = this.active.slice(0, second).filter(Boolean).length;
      if (before >= this.limit) {
        this.stop("", second);
        this.ended = "time_expired";
      } else if (second >= this.lastActivity + 120) this.stop("idle", second);
    }
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
      this.due();
      if (this.ended) return;
      if (order.active) this.lastActivity = this.now;
      if (this.cause === "heartbeat_lost" || (this.cause === "idle" && order.active)) {
        if (this.now >= this.lastActivity + 120) this.cause = "idle";
        else this.go();
      }
      return;
    }
    if (order.kind === "extend") return void (this.limit += order.seconds);
    if (this.running) this.witness(this.now);
    this.due();
    if (this.ended) return;
    if (order.kind === "pause") {
      const rank = (cause: string) => (cause === "user" ? 2 : cause === "page" || cause === "provider" ? 1 : 0);
      if (this.running) this.stop(order.by, this.now);
      else if (rank(order.by) > rank(this.cause!)) this.cause = order.by;
    } else if (order.kind === "resume") {
      if (this.running || (this.cause === "user" && order.by !== "user")) return;
      this.lastActivity = this.now;
      if (order.by !== "user") this.lastBeat = this.now;
      this.go();
    } else this.ended = "user_ended";
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

  it("comes to the same whenever it is looked at: a bill depends on what was heard alone", () => {
    fc.assert(
      fc.property(life, ({ durationSeconds, commands }) => {
        let late = clock.startMeter(START, durationSeconds);
        let timely = late;
        let second = 0;
        for (const order of commands) {
          for (let i = 0; i < order.wait; i++) timely = clock.advance(timely, at(++second)).meter;
          late = obey(late, at(second), order).meter;
          timely = obey(timely, at(second), order).meter;
          // Only the warning is of the moment: it is no money, and who looks late may have nobody to warn any more.
          expect({ ...late, warned: null }).toEqual({ ...timely, warned: null });
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

describe("to the second", () => {
  const begin = (seconds = 3600) => clock.startMeter(START, seconds);
  const billed = (meter: Meter, second: number) =>
    clock.activeSeconds(clock.advance(meter, at(second)).meter, at(second));
  const beats = (meter: Meter, ...times: [second: number, actedAt?: number][]): Meter =>
    times.reduce(
      (current, [second, actedAt]) =>
        clock.beat(current, at(second), actedAt !== undefined, at(actedAt ?? second)).meter,
      meter,
    );

  it("counts two idle minutes from the deed, not from the beat that told of it", () => {
    const meter = beats(begin(), [30, 2], [60], [90], [120], [150]);
    expect(meter).toMatchObject({ pauseCause: "idle", pausedAt: at(122) });
    // A page without that figure: the message is the moment.
    expect(beats(begin(), [30, 30], [60], [90], [120], [150]).pauseCause).toBe("idle");
    expect(beats(begin(), [30, 30], [60], [90], [120], [150]).pausedAt).toBe(at(150));
  });

  it("never believes a deed that lies ahead, or before one it knows", () => {
    expect(beats(begin(), [30, 500]).lastActivityAt).toBe(at(30));
    expect(beats(begin(), [30, 25], [60, 3]).lastActivityAt).toBe(at(25));
  });

  it("charges who closes the tab while idle until the last beat, not until two minutes are over", () => {
    const closed = beats(begin(), [30], [60]);
    // Until it is known, the person is shown a clock that stands.
    expect(clock.asShown(closed, at(130))).toMatchObject({ pauseCause: "idle", pausedAt: at(120) });
    expect(clock.advance(closed, at(3000)).meter.ended).toMatchObject({ reason: "abandoned", at: at(60 + 1800) });
    expect(billed(closed, 3000)).toBe(60);
  });

  it("charges who ends an idle session from the marketplace until it was idle", () => {
    const ended = clock.end(beats(begin(), [30], [60], [90], [119]), at(145), "user_ended").meter;
    expect(ended.ended).toEqual({ at: at(145), reason: "user_ended" });
    expect(clock.activeSeconds(ended, at(145))).toBe(120);
  });

  it("ends at the limit once a beat has come from there, and pauses a tab that was closed before it", () => {
    const near = beats(begin(300), ...[30, 60, 90, 120, 150, 180, 210, 240, 270].map((s): [number, number] => [s, s]));
    expect(beats(near, [301, 300]).ended).toEqual({ at: at(300), reason: "time_expired" });
    const closed = clock.advance(near, at(360)).meter;
    expect(closed).toMatchObject({ ended: null, pauseCause: "heartbeat_lost", pausedAt: at(270) });
    expect(clock.remainingSeconds(closed, at(360))).toBe(30);
  });

  it("extends during the warning, and even in the moment after the limit", () => {
    const near = beats(begin(300), ...[60, 120, 180, 240, 295].map((s): [number, number] => [s, s]));
    expect(near.warned).toBe(true);
    const longer = clock.extend(near, at(301), 600).meter;
    expect(longer).toMatchObject({ ended: null, warned: false, durationSeconds: 600 });
    expect(billed(beats(longer, [330, 330]), 330)).toBe(330);
  });

  it("stops where the laptop fell asleep, and goes on when it wakes", () => {
    const woken = beats(begin(), [30, 30], [60, 60], [4000 - 3000, 1000]);
    expect(billed(woken, 1000)).toBe(60);
    expect(woken).toMatchObject({ pauseCause: null, runningSince: at(1000) });
    expect(billed(beats(woken, [1030, 1030]), 1030)).toBe(90);
  });

  it("charges the same for a page in two tabs, and for beats that come doubled or late", () => {
    const one = beats(begin(), [30, 30], [60, 60], [90, 90]);
    const two = beats(begin(), [30, 30], [31, 29], [44, 30], [60, 60], [61, 60], [75, 30], [90, 90]);
    expect(billed(two, 90)).toBe(billed(one, 90));
  });

  it("keeps a person's own rules: idle sooner, and so much a day until they say otherwise", () => {
    const quick = clock.startMeter(START, 3600, { idleSeconds: 60 });
    expect(beats(quick, [30, 30], [60], [95])).toMatchObject({ pauseCause: "idle", pausedAt: at(90) });
    const rationed = clock.startMeter(START, 3600, { pauseAtActiveMs: 100_000 });
    const stopped = beats(rationed, [30, 30], [60, 60], [90, 90], [120, 120]);
    expect(stopped).toMatchObject({ pauseCause: "daily_limit", pausedAt: at(100), activeMs: 100_000 });
    expect(clock.resume(stopped, at(130), "page").meter.pauseCause).toBe("daily_limit");
    const going = clock.resume(stopped, at(130), "user").meter;
    expect(billed(beats(going, [150, 150], [170, 170]), 170)).toBe(140);
  });

  it("runs a fixed duration through, with nobody to beat and nothing to pause", () => {
    const fixed = clock.startMeter(START, 1800, { isFixed: true });
    expect(clock.pause(fixed, at(100), "user").meter.pauseCause).toBeNull();
    expect(clock.advance(fixed, at(1799)).meter.ended).toBeNull();
    expect(clock.advance(fixed, at(1800)).meter).toMatchObject({
      ended: { at: at(1800), reason: "time_expired" },
      activeMs: 1_800_000,
    });
  });
});

describe("answers of the platform's own, of which only the last is known", () => {
  const wait = (max: number) => fc.integer({ min: 1, max });
  /** Beats in words, answers, looks at the clock and pauses, each so many seconds after the one before. */
  const lifeOn = (longest: number) =>
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ wait: wait(longest), kind: fc.constant("answer" as const) }) },
        { weight: 3, arbitrary: fc.record({ wait: wait(longest), kind: fc.constant("active" as const) }) },
        { weight: 3, arbitrary: fc.record({ wait: wait(longest), kind: fc.constant("here" as const) }) },
        { weight: 4, arbitrary: fc.record({ wait: wait(longest), kind: fc.constant("look" as const) }) },
        { weight: 1, arbitrary: fc.record({ wait: wait(longest), kind: fc.constant("pause" as const) }) },
      ),
      { maxLength: 60 },
    );
  type Moment = { wait: number; kind: "answer" | "active" | "here" | "look" | "pause" };

  /** @param isHeard Every answer is heard as it comes, as a request would be. */
  const billOf = (moments: readonly Moment[], isHeard: boolean): number => {
    let meter = clock.startMeter(START, 3600);
    let [now, answeredAt] = [START, 0];
    for (const { wait: seconds, kind } of moments) {
      now += seconds * 1000;
      if (kind === "answer" && isHeard) meter = clock.beat(meter, now, false).meter;
      else if (kind === "answer") answeredAt = now;
      else {
        meter = clock.seenAt(meter, answeredAt);
        if (kind === "look") meter = clock.advance(meter, now).meter;
        else if (kind === "pause") meter = clock.pause(meter, now, "page").meter;
        else meter = clock.beat(meter, now, kind === "active").meter;
      }
    }
    meter = clock.seenAt(meter, answeredAt);
    return clock.activeMs(clock.advance(meter, now + 12 * 3_600_000).meter, now + 12 * 3_600_000);
  };

  it("never cost more than if each had been heard, whenever the clock is looked at", () => {
    fc.assert(
      fc.property(lifeOn(200), (moments) => {
        expect(billOf(moments, false)).toBeLessThanOrEqual(billOf(moments, true));
      }),
      { numRuns: 5_000 },
    );
  });

  it("cost exactly as much where words come between, and none of two is lost", () => {
    const inTurns = fc.array(fc.record({ wait: wait(44), isActive: fc.boolean() }), { maxLength: 80 });
    fc.assert(
      fc.property(inTurns, (beats) => {
        const moments = beats.map(({ wait: seconds, isActive }, turn): Moment => {
          const words = isActive ? "active" : "here";
          return { wait: seconds, kind: turn % 2 === 0 ? "answer" : words };
        });
        expect(billOf(moments, false)).toBe(billOf(moments, true));
      }),
      { numRuns: 1_000 },
    );
  });

  it("are read 75 s after the last sign of life, while the clock runs, and not again before the next", () => {
    const begun = clock.startMeter(START, 3600);
    expect(clock.checkpointAt(begun, START)).toBe(at(75));
    expect(clock.checkpointAt(begun, at(75))).toBeNull();
    const seen = clock.seenAt(begun, at(61));
    expect(clock.checkpointAt(seen, at(75))).toBe(at(136));
    expect(clock.checkpointAt(clock.pause(seen, at(80), "page").meter, at(80))).toBeNull();
    expect(clock.checkpointAt(clock.startMeter(START, 3600, { isFixed: true }), START)).toBeNull();
  });

  it("do not bridge a silence of 90 s, and count again once the page has spoken", () => {
    const begun = clock.startMeter(START, 3600);
    expect(clock.seenAt(begun, at(89)).lastBeatAt).toBe(at(89));
    expect(clock.seenAt(begun, at(90))).toBe(begun);
    const back = clock.beat(begun, at(95), true).meter;
    expect(back).toMatchObject({ runningSince: at(95), activeMs: 0 });
    expect(clock.seenAt(back, at(150)).lastBeatAt).toBe(at(150));
  });
});
