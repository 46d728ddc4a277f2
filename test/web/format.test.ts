import { describe, expect, it } from "vitest";
import { createFormat, formatDuration } from "../../web/src/lib/format.ts";

const en = createFormat("en-US");
const de = createFormat("de");

describe("amounts", () => {
  it("separates thousands as the language does", () => {
    expect(en.count(1240)).toBe("1,240");
    expect(de.count(1240)).toBe("1.240");
  });
  it("shows what tokens are worth at list price", () => {
    expect(en.money(1240)).toBe("$12.40");
    expect(de.money(1240)).toBe("12,40\u00a0$");
  });
  it("marks movements with a sign, and zero with none", () => {
    expect([en.signed(500), en.signed(-500), en.signed(0)]).toEqual(["+500", "\u2212500", "0"]);
    expect(en.money(-500)).toBe("\u2212$5.00");
  });
  it("keeps every digit of a price below a cent", () => {
    expect(en.decimal("0.0005")).toBe("0.0005");
    expect(en.moneyOfDecimal("0.05")).toBe("$0.0005");
    expect(en.moneyOfDecimal("500")).toBe("$5.00");
  });
  it("turns basis points into a percentage", () => {
    expect([en.percent(2000), en.percent(1250)]).toEqual(["20%", "12.5%"]);
  });
});

describe("durations", () => {
  it.each([
    [0, "0 s"],
    [38, "38 s"],
    [60, "1 min"],
    [245, "4 min 05 s"],
    [599, "9 min 59 s"],
    [1422, "23 min 42 s"],
    [3599, "59 min 59 s"],
    [3600, "1 h"],
    [4320, "1 h 12 min"],
    [-5, "0 s"],
  ])("%i seconds read as %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("moments", () => {
  const now = Date.parse("2026-11-01T12:00:00Z");
  it.each([
    ["2026-11-01T11:59:40Z", "this minute"],
    ["2026-11-01T11:57:00Z", "3 minutes ago"],
    ["2026-11-01T07:00:00Z", "5 hours ago"],
    ["2026-10-29T12:00:00Z", "3 days ago"],
  ])("%s is %s", (at, text) => expect(en.ago(at, now)).toBe(text));
});
