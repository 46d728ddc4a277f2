// When an app counts as down: a literal table of what was seen, and what follows.

import { describe, expect, it } from "vitest";
import { isSilent, judge, type Health, type Observation } from "../../../domain/availability/breaker.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const start = Date.UTC(2030, 0, 1);
const fresh: Health = {
  createdAt: start,
  firstOkAt: null,
  lastOkAt: null,
  failingSince: null,
  windowAt: 0,
  windowSeen: 0,
  windowFailed: 0,
  openSince: null,
};
const well: Health = { ...fresh, firstOkAt: start, lastOkAt: start };
const ok: Observation = { isOk: true, arrived: 0, lost: 0, isWatched: false };
const fail: Observation = { ...ok, isOk: false };

/** Feeds what was seen at each second, and gives the last judgement and when the breaker changed. */
function play(before: Health, seen: [second: number, Observation][]) {
  let health = before;
  let nextCheckAt = 0;
  const changes: string[] = [];
  for (const [second, observation] of seen) {
    const judgement = judge(health, observation, start + second * SECOND);
    ({ health, nextCheckAt } = judgement);
    if (judgement.change) changes.push(`${judgement.change} at ${second}`);
  }
  const at = seen.at(-1)![0] * SECOND;
  return { health, changes, waits: nextCheckAt - start - at, isSilent: isSilent(health, start + at) };
}

describe("an app that answered before", () => {
  it("is down after a minute without an answer, looked at every 15 s, and its sessions shall end", () => {
    const suspect = play(
      well,
      [0, 15, 30, 45].map((second) => [second, fail]),
    );
    expect(suspect).toMatchObject({ changes: [], waits: 15 * SECOND, isSilent: false });
    const down = play(
      well,
      [0, 15, 30, 45, 60].map((second) => [second, fail]),
    );
    expect(down).toMatchObject({ changes: ["opened at 60"], waits: 30 * SECOND, isSilent: true });
  });

  it("is not down for a restart: one answer in between starts the wait anew", () => {
    const restarted = play(well, [
      [0, fail],
      [15, fail],
      [30, ok],
      [90, ok],
    ]);
    expect(restarted).toMatchObject({ changes: [], waits: MINUTE, isSilent: false });
    expect(restarted.health.failingSince).toBeNull();
  });

  it("takes nobody new while half of the checks fail, and leaves people the sessions they have", () => {
    const halting = play(well, [
      [0, fail],
      [15, ok],
      [75, fail],
      [90, fail],
    ]);
    expect(halting.changes).toEqual(["opened at 90"]);
    expect(halting.isSilent).toBe(false);
  });

  it("stays in while fewer than half fail", () => {
    expect(
      play(well, [
        [0, fail],
        [15, ok],
        [75, ok],
        [135, ok],
        [195, fail],
      ]).changes,
    ).toEqual([]);
  });

  it("is not called down by a check of ours that people contradict", () => {
    const seen: [number, Observation][] = [0, 15, 30, 45, 60, 75].map((second) => [second, { ...fail, arrived: 2 }]);
    expect(play(well, seen).changes).toEqual([]);
  });

  it("is not hidden by a busy hour before it", () => {
    const busy: [number, Observation][] = [
      [-60, { ...ok, arrived: 500 }],
      [-1, { ...ok, arrived: 500 }],
    ];
    const down: [number, Observation][] = [0, 15, 30, 45, 60].map((second) => [second, fail]);
    expect(play(well, [...busy, ...down]).changes).toEqual(["opened at 60"]);
  });

  it("is never called down by people who turn away, however many", () => {
    const seen: [number, Observation][] = [0, 60, 120, 180, 240].map((second) => [second, { ...ok, lost: 100 }]);
    expect(play(well, seen).changes).toEqual([]);
  });

  it("is down by fewer checks where people do not arrive either", () => {
    expect(
      play(well, [
        [0, { ...fail, lost: 2 }],
        [60, fail],
      ]).changes,
    ).toEqual(["opened at 60"]);
  });

  it("forgets a trouble of five minutes ago", () => {
    const seen: [number, Observation][] = [
      [0, fail],
      [15, fail],
      [30, fail],
      [45, ok],
      [345, fail],
    ];
    expect(play(well, seen)).toMatchObject({ changes: [], health: { windowSeen: 1, windowFailed: 1 } });
  });

  it("is looked at every minute while somebody uses it, and every five otherwise", () => {
    expect(play(well, [[0, ok]]).waits).toBe(5 * MINUTE);
    expect(play(well, [[0, { ...ok, isWatched: true }]]).waits).toBe(MINUTE);
  });
});

describe("an app that is down", () => {
  const down = play(
    well,
    [0, 15, 30, 45, 60].map((second) => [second, fail]),
  ).health;

  it("is looked at half a minute later, and is back at the first answer", () => {
    expect(play(down, [[90, fail]])).toMatchObject({ changes: [], waits: 30 * SECOND, isSilent: true });
    const back = play(down, [
      [90, fail],
      [120, ok],
    ]);
    expect(back).toMatchObject({
      changes: ["closed at 120"],
      isSilent: false,
      health: { openSince: null, windowFailed: 0 },
    });
  });

  it("is looked at ever more rarely, at most every ten minutes", () => {
    expect(play(down, [[60 + 800, fail]]).waits).toBe(100 * SECOND);
    expect(play(down, [[60 + 24 * 3600, fail]]).waits).toBe(10 * MINUTE);
  });
});

describe("an app that never answered", () => {
  it("is never called down, and looked at ever more rarely", () => {
    const seen: [number, Observation][] = Array.from({ length: 100 }, (_, index) => [index * 60, fail]);
    const never = play(fresh, seen);
    expect(never).toMatchObject({ changes: [], isSilent: false });
    expect(never.waits).toBe(Math.floor((99 * MINUTE) / 8));
    expect(play(fresh, [[30 * 24 * 3600, fail]]).waits).toBe(6 * 60 * MINUTE);
  });
});
