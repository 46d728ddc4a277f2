// What must hold for every price anyone can register, not only for the published ones.

import fc from "fast-check";
import { expect, it } from "vitest";
import { splitFee, splitPaid } from "../../../domain/money.ts";
import { charge, type MeteredUse } from "../../../domain/pricing/charge.ts";
import { amount, decimal, formatAmount } from "../../../domain/pricing/decimal.ts";
import { holdFor } from "../../../domain/pricing/hold.ts";
import { parsePricing } from "../../../domain/pricing/parse-pricing.ts";
import { highestPriceOf, priceOf } from "../../../domain/pricing/price-of.ts";
import { quote } from "../../../domain/pricing/quote.ts";
import { pricing, timePrice, unitTiers, useFor } from "./arbitraries.ts";
import { graduatedUnitByUnit, volumeUnitByUnit, wholeTokensUp } from "./reference.ts";

const duration = fc.integer({ min: 300, max: 10_800 });
const session = fc.tuple(pricing, duration).chain(([components, durationSeconds]) =>
  fc.record({
    components: fc.constant(components),
    durationSeconds: fc.constant(durationSeconds),
    use: useFor(components, durationSeconds),
  }),
);

it("never charges more than was held, whatever is reported, and never less than a line says", () => {
  fc.assert(
    fc.property(session, ({ components, durationSeconds, use }) => {
      const hold = holdFor(components, durationSeconds);
      const { usedTokens, lines } = charge(components, use, hold);
      expect(usedTokens).toBeLessThanOrEqual(hold.heldTokens);
      const exact = lines.reduce((sum, line) => sum + amount(line.amount), 0n);
      expect(usedTokens).toBe(wholeTokensUp(exact));
      for (const [index, line] of lines.entries())
        expect(amount(line.amount)).toBeLessThanOrEqual(amount(hold.perComponent[index]!.maxAmount));
    }),
    { numRuns: 400 },
  );
});

it("charges in full what stays within the units held for", () => {
  fc.assert(
    fc.property(session, ({ components, durationSeconds, use }) => {
      const hold = holdFor(components, durationSeconds);
      const within: MeteredUse = {
        activeSeconds: use.activeSeconds,
        unitsMicro: Object.fromEntries(
          hold.perComponent.map(({ meter, capUnits }) => [
            meter,
            Math.min(use.unitsMicro![meter]!, Math.floor(Number(capUnits) * 1e6)),
          ]),
        ),
      };
      for (const line of charge(components, within, hold).lines) expect(line.cappedAt).toBeNull();
    }),
    { numRuns: 300 },
  );
});

it("bills ticks and one session alike: differences of the running figure add up to the bill", () => {
  fc.assert(
    fc.property(session, fc.integer({ min: 1, max: 12 }), ({ components, durationSeconds, use }, ticks) => {
      const hold = holdFor(components, durationSeconds);
      let before = 0;
      let posted = 0;
      for (let tick = 1; tick <= ticks; tick++) {
        const soFar = charge(components, upTo(use, tick, ticks), hold).usedTokens;
        posted += soFar - before;
        before = soFar;
      }
      expect(posted).toBe(charge(components, use, hold).usedTokens);
    }),
    { numRuns: 200 },
  );
});

/** The part of a use that has happened after `tick` of `ticks`: the time so far and the first reports. */
function upTo(use: MeteredUse, tick: number, ticks: number): MeteredUse {
  const eventsMicro: Record<string, number[]> = {};
  const unitsMicro: Record<string, number> = {};
  for (const [meter, events] of Object.entries(use.eventsMicro!)) {
    eventsMicro[meter] = events.slice(0, Math.ceil((events.length * tick) / ticks));
    unitsMicro[meter] = eventsMicro[meter].reduce((sum, one) => sum + one, 0);
  }
  return { activeSeconds: Math.floor((use.activeSeconds * tick) / ticks), unitsMicro, eventsMicro };
}

it("adds up per second exactly what it charges at once, where each unit has one price", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_800 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      (seconds, tenMillionths) => {
        const price = { model: "per_unit" as const, unit: (tenMillionths / 1e7).toFixed(7) };
        const tick = priceOf(price, { units: decimal("1") });
        expect(priceOf(price, { units: decimal(String(seconds)) })).toBe(tick * BigInt(seconds));
      },
    ),
  );
});

it("charges any tier table like buying the units one by one", () => {
  fc.assert(
    fc.property(unitTiers, fc.integer({ min: 0, max: 200 }), (tiers, units) => {
      const use = { units: decimal(String(units)) };
      expect(priceOf({ model: "graduated", tiers }, use)).toBe(graduatedUnitByUnit(tiers, units));
      expect(priceOf({ model: "volume", tiers }, use)).toBe(volumeUnitByUnit(tiers, units));
    }),
    { numRuns: 500 },
  );
});

it("finds the highest bill on the way, also where the last one is lower", () => {
  fc.assert(
    fc.property(timePrice, fc.integer({ min: 0, max: 120 }), (price, units) => {
      const most = highestPriceOf(price, decimal(String(units)), 1n);
      let highest = 0n;
      for (let quarter = 0; quarter <= units * 4; quarter++) {
        const at = priceOf(price, { units: decimal(String(quarter / 4)) });
        highest = at > highest ? at : highest;
      }
      expect(highest).toBeLessThanOrEqual(most);
      // Bounds in these prices lie on the quarters, so the highest of the quarters is the highest of all.
      expect(formatAmount(highest)).toBe(formatAmount(most));
    }),
    { numRuns: 300 },
  );
});

it("holds more, or the same, for a longer session and never asks anything back by extending", () => {
  fc.assert(
    fc.property(pricing, duration, fc.integer({ min: 0, max: 10_800 }), (components, seconds, more) => {
      const before = holdFor(components, seconds);
      const after = holdFor(components, seconds + more);
      expect(after.heldTokens).toBeGreaterThanOrEqual(before.heldTokens);
      for (const [index, part] of after.perComponent.entries()) {
        expect(amount(part.maxAmount)).toBeGreaterThanOrEqual(amount(before.perComponent[index]!.maxAmount));
        expect(decimal(part.capUnits)).toBeGreaterThanOrEqual(decimal(before.perComponent[index]!.capUnits));
      }
    }),
    { numRuns: 300 },
  );
});

it("splits every charge between provider and platform without a remainder", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000 }), fc.integer({ min: 0, max: 10_000 }), (gross, basisPoints) => {
      const { feeTokens, shareTokens } = splitFee(gross, basisPoints);
      expect(feeTokens + shareTokens).toBe(gross);
      expect(feeTokens).toBeLessThanOrEqual((gross * basisPoints) / 10_000);
      expect(shareTokens).toBeGreaterThanOrEqual(0);
    }),
  );
});

it("quotes what is held, and prices a use as a session of that use is charged", () => {
  fc.assert(
    fc.property(session, ({ components, durationSeconds, use }) => {
      const hold = holdFor(components, durationSeconds);
      const unitsMicro = Object.fromEntries(
        hold.perComponent
          .filter(({ meter }) => use.unitsMicro![meter] !== undefined)
          .map(({ meter, capUnits }) => [meter, Math.min(use.unitsMicro![meter]!, Math.floor(Number(capUnits) * 1e6))]),
      );
      const seconds = Math.floor(use.activeSeconds / 3600) * 3600;
      const usage: Record<string, string> = {};
      for (const { meter } of components) {
        if (meter === "hour") usage[meter] = String(seconds / 3600);
        else if (meter === "minute") usage[meter] = String(seconds / 60);
        else if (meter === "second") usage[meter] = String(seconds);
        else usage[meter] = (unitsMicro[meter]! / 1e6).toFixed(6);
      }
      const quoted = quote({ components, feeBasisPoints: 2000, durationSeconds, usage });
      expect(quoted.heldTokens).toBe(hold.heldTokens);
      expect(quoted.likelyTokens).toBeLessThanOrEqual(hold.heldTokens);
      expect(quoted.providerShareTokens + quoted.platformFeeTokens).toBe(quoted.heldTokens);
      expect(quoted.usageTokens).toBe(charge(components, { activeSeconds: seconds, unitsMicro }, hold).usedTokens);
    }),
    { numRuns: 200 },
  );
});

it("reads back every pricing it accepted without changing it", () => {
  fc.assert(
    fc.property(pricing, (components) => {
      expect(parsePricing(JSON.parse(JSON.stringify(components)))).toEqual(components);
    }),
    { numRuns: 200 },
  );
});

it("charges nothing for time while a trial lasts, and afterwards as if the clock had started then", () => {
  fc.assert(
    fc.property(session, fc.integer({ min: 1, max: 10_800 }), ({ components, durationSeconds, use }, trialSeconds) => {
      const hold = holdFor(components, durationSeconds, trialSeconds);
      const charged = charge(components, use, hold);
      expect(charged.usedTokens).toBeLessThanOrEqual(hold.heldTokens);
      expect(hold.heldTokens).toBeLessThanOrEqual(holdFor(components, durationSeconds).heldTokens);
      const paidSeconds = use.activeSeconds - trialSeconds;
      const plain = charge(
        components,
        { ...use, activeSeconds: Math.max(0, paidSeconds) },
        holdFor(components, durationSeconds),
      );
      for (const [index, line] of charged.lines.entries()) {
        const isTime = ["hour", "minute", "second"].includes(line.meter);
        if (isTime && paidSeconds <= 0) expect(line.amount).toBe("0");
        else expect(amount(line.amount)).toBeLessThanOrEqual(amount(plain.lines[index]!.amount));
      }
      // An extension of a session with a trial never asks anything back either.
      const longer = holdFor(components, durationSeconds + 600, trialSeconds);
      expect(longer.heldTokens).toBeGreaterThanOrEqual(hold.heldTokens);
    }),
    { numRuns: 200 },
  );
});

it("quotes a use of time in a trial to the token as a session of that time is charged", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_800 }),
      fc.integer({ min: 0, max: 3_600 }),
      fc.integer({ min: 1, max: 9_000 }),
      fc.constantFrom("hour" as const, "minute" as const, "second" as const),
      (quarters, trialSeconds, rate, meter) => {
        const components = [{ meter, price: { model: "per_unit" as const, unit: String(rate) } }];
        // A quarter of each unit of time, so that the decimal text is exact.
        const seconds = { hour: 900, minute: 15, second: 1 }[meter] * (quarters % 12);
        const units = String(seconds / { hour: 3600, minute: 60, second: 1 }[meter]);
        const hold = holdFor(components, 10_800, trialSeconds);
        const quoted = quote({
          components,
          feeBasisPoints: 2000,
          durationSeconds: 10_800,
          trialSeconds,
          usage: { [meter]: units },
        });
        expect(quoted.usageTokens).toBe(charge(components, { activeSeconds: seconds }, hold).usedTokens);
      },
    ),
    { numRuns: 300 },
  );
});

it("gives a plan's rebate from the fee alone, conserves every token, and never more for a cheaper session", () => {
  const basisPoints = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000 }), basisPoints, basisPoints, (gross, fee, rebate) => {
      const split = splitPaid(gross, fee, rebate);
      expect(split.feeTokens + split.shareTokens).toBe(split.paidTokens);
      expect(split.paidTokens + split.rebateTokens).toBe(gross);
      expect(split.shareTokens).toBe(splitFee(gross, fee).shareTokens);
      expect(split.feeTokens).toBeGreaterThanOrEqual(0);
      expect(splitPaid(gross + 1, fee, rebate).paidTokens).toBeGreaterThanOrEqual(split.paidTokens);
    }),
  );
});
