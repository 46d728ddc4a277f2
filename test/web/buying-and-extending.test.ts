import { describe, expect, it } from "vitest";
import type { PriceComponent } from "../../domain/pricing/components.ts";
import { extensionTokens, isReturnToApp } from "../../web/src/lib/extension.ts";
import { isOwnPath } from "../../web/src/lib/return-to.ts";
import { topUpAmount } from "../../web/src/lib/top-up.ts";

describe("a top-up", () => {
  it.each([
    [1, 100],
    [100, 100],
    [101, 200],
    [380, 400],
    [250_000, 100_000],
  ])("covers %i missing tokens with %i, which can be bought", (missing, bought) =>
    expect(topUpAmount(missing)).toBe(bought),
  );
});

describe("more time", () => {
  const at = (pricing: PriceComponent[]) => ({ pricing, feeBasisPoints: 2000, trialSeconds: 0, rebateBasisPoints: 0 });
  it("costs the longer hold less the one that stands", () => {
    const hourly = [{ meter: "hour", price: { model: "per_unit", unit: "500" } as const }];
    expect(extensionTokens(at(hourly), 3600, 900)).toBe(125);
    // What was free at the start stays free, and a plan gives back the same part of the fee: 125 less half of 25.
    expect(extensionTokens({ ...at(hourly), trialSeconds: 600 }, 3600, 900)).toBe(125);
    expect(extensionTokens({ ...at(hourly), trialSeconds: 3600 }, 1800, 900)).toBe(0);
    expect(extensionTokens({ ...at(hourly), rebateBasisPoints: 5_000 }, 3600, 900)).toBe(113);
  });
  it("costs nothing more where the price is flat", () => {
    const flat = [{ meter: "hour", price: { model: "flat", amount: "80" } as const }];
    expect(extensionTokens(at(flat), 3600, 900)).toBe(0);
  });
});

describe("ways back", () => {
  const app = "https://app.example/write";
  it("leads back to the app that asked and to nobody else", () => {
    expect(isReturnToApp("https://app.example/doc/7?x=1", app)).toBe(true);
    for (const address of [
      "https://evil.example/",
      "https://app.example.evil.example/",
      "javascript:alert(1)",
      "/x",
      "",
    ])
      expect(isReturnToApp(address, app)).toBe(false);
    expect(isReturnToApp(null, app)).toBe(false);
  });
  it("follows only paths of our own after signing in", () => {
    expect(isOwnPath("/apps/1?minutes=60")).toBe(true);
    for (const path of ["//evil.example", "/\\evil.example", "https://evil.example", "apps", null])
      expect(isOwnPath(path)).toBe(false);
  });
});
