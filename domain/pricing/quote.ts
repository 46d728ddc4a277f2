// The price box before a start: the most one can pay, what it likely costs, who gets what. Settles with the same functions.

import { DomainError } from "../errors.ts";
import { CURRENCY, splitPaid, TOKEN_CENTS } from "../money.ts";
import { charge, chargeUses, type ChargeLine, type MeteredUse } from "./charge.ts";
import { isTimeMeter, TIME_METERS, type PriceComponent } from "./components.ts";
import {
  decimal,
  formatAmount,
  fromMicro,
  greatest,
  least,
  nearestDecimal,
  readDecimal,
  readMicro,
  truncatedQuotient,
  type Amount,
  type Decimal,
} from "./decimal.ts";
import { holdFor } from "./hold.ts";
import { likelyOf, type Likely, type SessionStats } from "./likely.ts";
import { priceOf } from "./price-of.ts";
import type { Price, PriceModel } from "./price.ts";

const MINUTE_SECONDS = 60;

export interface QuoteLine {
  meter: string;
  model: PriceModel;
  /** Units held for, and the exact most they can cost (decimal text, tokens). */
  capUnits: string;
  maxAmount: string;
  /** What the first unit costs: one hour, one action (decimal text, tokens). */
  firstUnitAmount: string;
  /** What the first minute of time, or the first action, adds beyond what is due anyway (decimal text, tokens). */
  adds: { unit: string; amount: string };
}
export interface Quote {
  /** Set aside at the start; the most that can be charged. */
  heldTokens: number;
  /** The median of real sessions where there are enough, else the full duration with the use held for, or `typical`. */
  likelyTokens: number;
  /** What real sessions of this app and length came to, or that there are too few to say. */
  likely: Likely;
  /** `heldTokens` split: share + fee = held. */
  providerShareTokens: number;
  platformFeeTokens: number;
  feeBasisPoints: number;
  /** Of the fee, given back by the person's plan; `heldTokens` is already less by it. */
  rebateTokens: number;
  /** Active seconds at the start that cost nothing. */
  trialSeconds: number;
  /** The same at list price, in minor units. */
  money: {
    currency: string;
    heldCents: number;
    likelyCents: number;
    providerShareCents: number;
    platformFeeCents: number;
  };
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
  trialSeconds?: number;
  rebateBasisPoints?: number;
  usage?: Readonly<Record<string, unknown>> | null;
  typical?: MeteredUse | null;
  stats?: readonly SessionStats[];
}): Quote {
  const {
    components,
    feeBasisPoints,
    durationSeconds,
    usage,
    typical,
    trialSeconds = 0,
    rebateBasisPoints = 0,
  } = input;
  const hold = holdFor(components, durationSeconds, trialSeconds);
  const paid = (grossTokens: number) => splitPaid(grossTokens, feeBasisPoints, rebateBasisPoints);
  const caps = hold.perComponent.map((component) => decimal(component.capUnits));
  const full = typical
    ? charge(components, typical, hold)
    : chargeUses(
        components,
        caps.map((units) => ({ units })),
        hold,
      );
  const split = paid(hold.heldTokens);
  const asked = usage ? chargeUses(components, usesOf(components, usage, caps, trialSeconds), hold) : null;
  const likely = likelyOf(input.stats ?? [], durationSeconds, split.paidTokens);
  const likelyTokens = likely.basis === "sessions" ? likely.medianTokens : paid(full.usedTokens).paidTokens;
  return {
    heldTokens: split.paidTokens,
    likelyTokens,
    likely,
    providerShareTokens: split.shareTokens,
    platformFeeTokens: split.feeTokens,
    feeBasisPoints,
    rebateTokens: split.rebateTokens,
    trialSeconds,
    money: {
      currency: CURRENCY,
      heldCents: split.paidTokens * TOKEN_CENTS,
      likelyCents: likelyTokens * TOKEN_CENTS,
      providerShareCents: split.shareTokens * TOKEN_CENTS,
      platformFeeCents: split.feeTokens * TOKEN_CENTS,
    },
    lines: components.map(({ meter, price }, index) => ({
      meter,
      model: price.model,
      capUnits: hold.perComponent[index]!.capUnits,
      maxAmount: hold.perComponent[index]!.maxAmount,
      firstUnitAmount: formatAmount(priceOf(price, { units: decimal("1") })),
      adds: addedByOne(meter, price),
    })),
    ...(asked && { usageTokens: paid(asked.usedTokens).paidTokens, usageLines: asked.lines }),
  };
}

/** One minute of any time meter, so that prices an hour and a second can be compared; one unit of any other. */
function addedByOne(meter: string, price: Price): QuoteLine["adds"] {
  const [unit, added] = isTimeMeter(meter)
    ? ["minute", amountAfter(price, MINUTE_SECONDS, TIME_METERS[meter])]
    : [meter, priceOf(price, { units: decimal("1") })];
  return { unit, amount: formatAmount(greatest(0n, added - priceOf(price, { units: 0n }))) };
}

/**
 * What `seconds` come to. A minute is no decimal of an hour: the sixtieth that a session is charged for is cut off at 1e-12,
 * and at 300 tokens an hour would show as 4.9999999998. So what was cut off is added at the price it has there, and the
 * result rounded to the 1e-12 nearest. Where the price jumps or bends just there, it stays what would be charged.
 */
function amountAfter(price: Price, seconds: number, secondsAUnit: number): Amount {
  const units = truncatedQuotient(seconds, secondsAUnit);
  const at = (steps: bigint): Amount => priceOf(price, { units: greatest(0n, units + steps) });
  const step = at(1n) - at(0n);
  const cutOff = BigInt(seconds) * decimal("1") - units * BigInt(secondsAUnit);
  if (cutOff === 0n || step !== at(0n) - at(-1n)) return at(0n);
  return nearestDecimal(at(0n) * BigInt(secondsAUnit) + step * cutOff, BigInt(secondsAUnit));
}

function usesOf(
  components: readonly PriceComponent[],
  usage: Readonly<Record<string, unknown>>,
  caps: readonly Decimal[],
  trialSeconds: number,
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
    else given.set(meter, isTimeMeter(meter) ? afterTrial(units, TIME_METERS[meter], trialSeconds) : units);
  }
  if (errors.length > 0)
    throw new DomainError("invalid_request", `${errors[0]!.field}: ${errors[0]!.message}`, { errors });
  return components.map((component, index) => ({
    units: least(given.get(component.meter) ?? 0n, caps[index]!),
  }));
}

/** What is left of so much time after a trial, truncated like the time of a session. */
const afterTrial = (units: Decimal, secondsAUnit: number, trialSeconds: number): Decimal =>
  greatest(0n, (units * BigInt(secondsAUnit) - BigInt(trialSeconds) * decimal("1")) / BigInt(secondsAUnit));

function microUnits(value: unknown): Decimal | null {
  const micro = readMicro(value);
  return micro === null ? null : fromMicro(micro);
}
