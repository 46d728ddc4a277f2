// The price box before a start: the most one can pay, what it likely costs, who gets what. Settles with the same functions.

import { DomainError } from "../errors.ts";
import { splitFee } from "../money.ts";
import { charge, chargeUses, type ChargeLine, type MeteredUse } from "./charge.ts";
import { isTimeMeter, type PriceComponent } from "./components.ts";
import { decimal, formatAmount, fromMicro, least, readDecimal, readMicro, type Decimal } from "./decimal.ts";
import { holdFor } from "./hold.ts";
import { priceOf } from "./price-of.ts";
import type { PriceModel } from "./price.ts";

export interface QuoteLine {
  meter: string;
  model: PriceModel;
  /** Units held for, and the exact most they can cost (decimal text, tokens). */
  capUnits: string;
  maxAmount: string;
  /** What the first unit costs: one hour, one action (decimal text, tokens). */
  firstUnitAmount: string;
}
export interface Quote {
  /** Set aside at the start; the most that can be charged. */
  heldTokens: number;
  /** The full duration with the use held for, or with `typical` where the caller knows it. */
  likelyTokens: number;
  /** `heldTokens` split: share + fee = held. */
  providerShareTokens: number;
  platformFeeTokens: number;
  feeBasisPoints: number;
  lines: QuoteLine[];
  /** Only when `usage` was given: exactly what that use would be charged, and how. */
  usageTokens?: number;
  usageLines?: ChargeLine[];
}

/**
 * @param usage Units by meter (decimals; time meters too); a meter left out was not used. What exceeds the hold is not
 *   charged, as in a session.
 * @throws DomainError `invalid_request` for units that are no decimal, `unknown_meter` for a meter this app does not price.
 */
export function quote(input: {
  components: readonly PriceComponent[];
  feeBasisPoints: number;
  durationSeconds: number;
  usage?: Readonly<Record<string, unknown>> | null;
  typical?: MeteredUse | null;
}): Quote {
  const { components, feeBasisPoints, durationSeconds, usage, typical } = input;
  const hold = holdFor(components, durationSeconds);
  const caps = hold.perComponent.map((component) => decimal(component.capUnits));
  const likely = typical
    ? charge(components, typical, hold)
    : chargeUses(
        components,
        caps.map((units) => ({ units })),
        hold,
      );
  const split = splitFee(hold.heldTokens, feeBasisPoints);
  const asked = usage ? chargeUses(components, usesOf(components, usage, caps), hold) : null;
  return {
    heldTokens: hold.heldTokens,
    likelyTokens: likely.usedTokens,
    providerShareTokens: split.shareTokens,
    platformFeeTokens: split.feeTokens,
    feeBasisPoints,
    lines: components.map(({ meter, price }, index) => ({
      meter,
      model: price.model,
      capUnits: hold.perComponent[index]!.capUnits,
      maxAmount: hold.perComponent[index]!.maxAmount,
      firstUnitAmount: formatAmount(priceOf(price, { units: decimal("1") })),
    })),
    ...(asked && { usageTokens: asked.usedTokens, usageLines: asked.lines }),
  };
}

function usesOf(
  components: readonly PriceComponent[],
  usage: Readonly<Record<string, unknown>>,
  caps: readonly Decimal[],
): { units: Decimal }[] {
  const errors: { field: string; message: string }[] = [];
  const given = new Map<string, Decimal>();
  for (const [meter, value] of Object.entries(usage)) {
    if (!components.some((component) => component.meter === meter))
      throw new DomainError("unknown_meter", `This app does not price "${meter}".`, {
        meters: components.map((component) => component.meter),
      });
    const units = isTimeMeter(meter) ? readDecimal(value) : microUnits(value);
    if (units === null) errors.push({ field: `usage.${meter}`, message: "must be a decimal of at least 0" });
    else given.set(meter, units);
  }
  if (errors.length > 0)
    throw new DomainError("invalid_request", `${errors[0]!.field}: ${errors[0]!.message}`, { errors });
  return components.map((component, index) => ({
    units: least(given.get(component.meter) ?? 0n, caps[index]!),
  }));
}

function microUnits(value: unknown): Decimal | null {
  const micro = readMicro(value);
  return micro === null ? null : fromMicro(micro);
}
