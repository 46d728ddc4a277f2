import { describe, expect, it } from "vitest";
import { clockFace, remainingSeconds, spokenMark } from "../../web/src/lib/countdown.ts";

const active = { state: { status: "active", remainingSeconds: 120 } as const, receivedAtMs: 5_000 };

describe("time left", () => {
  it("counts from the moment the answer came, whatever the wall clock says", () => {
    expect(remainingSeconds(active, 5_000)).toBe(120);
    expect(remainingSeconds(active, 65_000)).toBe(60);
  });
  it("shows a second until it is really over", () => {
    expect(remainingSeconds(active, 5_001)).toBe(120);
    expect(remainingSeconds(active, 6_000)).toBe(119);
  });
  it("never falls below zero", () => expect(remainingSeconds(active, 1_000_000)).toBe(0));
  it.each(["paused", "pending"] as const)("stands still while %s", (status) =>
    expect(remainingSeconds({ ...active, state: { status, remainingSeconds: 120 } }, 65_000)).toBe(120),
  );
});

describe("the meter's face", () => {
  it.each([
    [0, "00:00"],
    [59, "00:59"],
    [3_588, "59:48"],
    [3_600, "1:00:00"],
    [3_849, "1:04:09"],
  ])("%i seconds show as %s", (seconds, face) => expect(clockFace(seconds)).toBe(face));
});

describe("what is said aloud", () => {
  it("speaks once when five minutes and when one minute are left", () => {
    expect(spokenMark(301, 300)).toBe(300);
    expect(spokenMark(300, 299)).toBeNull();
    expect(spokenMark(61, 60)).toBe(60);
    expect(spokenMark(60, 59)).toBeNull();
  });
});
