// A price in words: the figure a row shows, what it is per, and what else adds up. Plain functions over the price shapes of
// domain/pricing; nothing here works out what a use costs.

import type { PriceComponent } from "$pricing/components.ts";
import type { Price, RateTier, UnitTier } from "$pricing/price.ts";
import type { Format } from "./format.ts";
import type { Messages } from "./locales/en.ts";

export interface PriceWords {
  /** "from" where the figure is the lowest of several. */
  prefix: string;
  /** Decimal tokens or a percentage; empty where the app quotes. */
  figure: string;
  unit: string;
  /** The figure in tokens, for the money beside it; null where it is no amount. */
  tokens: string | null;
}

export const unitName = (meter: string, t: Messages): string => t.price.unit(meter);

/** The line of a catalogue row: the time price where there is one, else the first component. */
export function cardPrice(
  card: { tokenRatePerHour: number | null; pricing: readonly PriceComponent[] },
  t: Messages,
  f: Format,
): PriceWords & { more: number } {
  const more = Math.max(0, card.pricing.length - 1);
  if (card.tokenRatePerHour !== null)
    return {
      prefix: "",
      figure: f.count(card.tokenRatePerHour),
      unit: `${t.tokensUnit} ${t.common.perHour}`,
      tokens: String(card.tokenRatePerHour),
      more,
    };
  const first = card.pricing[0];
  if (!first) return { prefix: "", figure: "", unit: t.common.free, tokens: null, more };
  return { ...priceWords(first.meter, first.price, t, f), more };
}

export function priceWords(meter: string, price: Price, t: Messages, f: Format): PriceWords {
  const unit = unitName(meter, t);
  const amount = (tokens: string, words: string, prefix = ""): PriceWords => ({
    prefix,
    figure: f.decimal(tokens),
    unit: words,
    tokens,
  });
  switch (price.model) {
    case "flat":
      return amount(price.amount, `${t.tokensUnit} ${t.price.once}`);
    case "per_unit":
      return amount(price.unit, t.price.perUnit(unit));
    case "package":
      return amount(price.amount, t.price.forEvery(f.decimal(price.size), unit));
    case "graduated":
    case "volume": {
      const lowest = lowestUnit(price.tiers);
      return amount(lowest, t.price.perUnit(unit), price.tiers.length > 1 ? t.price.from : "");
    }
    case "percentage":
      return { prefix: "", figure: `${f.decimal(price.rate)} %`, unit: t.price.ofAmount, tokens: null };
    case "graduated_percentage":
      return {
        prefix: t.price.from,
        figure: `${f.decimal(lowestRate(price.tiers))} %`,
        unit: t.price.ofAmount,
        tokens: null,
      };
    case "dynamic":
      return { prefix: "", figure: "", unit: t.price.dynamic, tokens: null };
    case "hybrid": {
      const over = priceWords(meter, price.over, t, f);
      return price.base && Number(price.base) > 0
        ? amount(
            price.base,
            `${t.tokensUnit} ${t.price.once}, ${t.price.then} ${over.prefix} ${over.figure} ${over.unit}`.replaceAll(
              /\s+/g,
              " ",
            ),
          )
        : over;
    }
    case "bounded":
      return priceWords(meter, price.price, t, f);
  }
}

/** What a component's price has besides its main figure: free units, minimum, included use, what is held for. */
export function priceNotes(component: PriceComponent, t: Messages, f: Format): string[] {
  const notes = ofPrice(component.price);
  if (component.holdPerHour !== undefined)
    notes.push(t.price.holdPerHour(f.decimal(component.holdPerHour), unitName(component.meter, t)));
  return notes;

  function ofPrice(price: Price): string[] {
    switch (price.model) {
      case "package":
        return price.free && Number(price.free) > 0 ? [t.price.free(f.decimal(price.free))] : [];
      case "percentage":
        return [
          ...(price.fixed ? [t.price.plusFixed(f.decimal(price.fixed))] : []),
          ...(price.min ? [t.price.atLeast(f.decimal(price.min))] : []),
          ...(price.max ? [t.price.atMost(f.decimal(price.max))] : []),
        ];
      case "hybrid":
        return [
          ...(price.included && Number(price.included) > 0
            ? [t.price.included(f.decimal(price.included), unitName(component.meter, t))]
            : []),
          ...ofPrice(price.over),
        ];
      case "bounded":
        return [
          ...(price.min ? [t.price.atLeast(f.decimal(price.min))] : []),
          ...(price.max ? [t.price.atMost(f.decimal(price.max))] : []),
          ...ofPrice(price.price),
        ];
      case "graduated":
        return [t.price.tierGraduated];
      case "volume":
        return [t.price.tierTotal];
      case "flat":
      case "per_unit":
      case "graduated_percentage":
      case "dynamic":
        return [];
    }
  }
}

/** The steps of a tiered price, wherever they stand inside it. */
export function tiersOf(price: Price): (UnitTier & RateTier)[] {
  switch (price.model) {
    case "graduated":
    case "volume":
    case "graduated_percentage":
      return price.tiers;
    case "hybrid":
      return tiersOf(price.over);
    case "bounded":
      return tiersOf(price.price);
    case "flat":
    case "per_unit":
    case "package":
    case "percentage":
    case "dynamic":
      return [];
  }
}

const lowestUnit = (tiers: readonly UnitTier[]): string => lowest(tiers.map((tier) => tier.unit ?? "0"));
const lowestRate = (tiers: readonly RateTier[]): string => lowest(tiers.map((tier) => tier.rate ?? "0"));
const lowest = (decimals: string[]): string =>
  decimals.reduce((low, one) => (Number(one) < Number(low) ? one : low), decimals[0] ?? "0");
