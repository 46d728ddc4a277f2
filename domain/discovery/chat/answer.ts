// The embedded engine's prose: what there is to say about a turn, sentence by sentence. Not canned: each sentence is computed
// from rows and figures, and is left out where it would say nothing.

import { isTimeMeter } from "../../pricing/components.ts";
import type { Price } from "../../pricing/price.ts";
import type { ChatCard } from "./cards.ts";
import { isCheaper } from "./cards.ts";
import { oneMore } from "./estimate.ts";
import { isQuotable } from "./output-filter.ts";
import type { TurnFacts } from "./turn-facts.ts";
import type { ChatWords, PricedApp } from "./chat-words.ts";
import { wordsOf } from "./words.ts";

/** @returns sentences with marks, in order; each ends with a blank but the last. */
export function embeddedAnswer(facts: TurnFacts): string[] {
  const words = wordsOf(facts.language);
  const sentences = [
    ...(facts.hasForeignCurrency ? [words.foreignCurrency] : []),
    ...(facts.readAs === null ? [] : [words.readAs(facts.readAs)]),
    ...facts.corrections.map(({ from, to }) => words.corrected(from, to)),
    ...main(facts, words),
  ].filter(Boolean);
  return sentences.map((sentence, index) => (index < sentences.length - 1 ? `${sentence} ` : sentence));
}

/** What a card costs, in words: `[[est:n]]`. */
export const estimateText = (card: ChatCard, words: ChatWords): string =>
  card.estimate ? words.estimate(card.estimate) : words.price(pricedApp(card));

function main(facts: TurnFacts, words: ChatWords): string[] {
  const { intent, cards, slots } = facts;
  const [first] = cards;
  switch (intent.kind) {
    case "greet":
      return slots.need === null ? [words.greeting] : [words.help];
    case "help":
      return [words.help];
    case "restart":
      return [words.restarted];
    case "start":
      if (!first) return [intent.card === 0 ? words.startWhich : words.gone];
      return [first.status === "active" ? words.start(first.number) : words.unavailable(first.number)];
    case "about":
      return first ? aboutOne(first, facts, words) : [words.gone];
    case "compare":
      return compared(cards, words);
    case "cheaper":
      if (!first) return found(facts, words);
      return facts.cheaperThan === null
        ? [words.cheapest(first.number), ...money(first, facts, words)]
        : [
            words.cheaper(
              cards.map(({ number }) => number),
              facts.cheaperThan,
            ),
            ...money(first, facts, words),
            ...(slots.use ? [] : [words.cheaperByHour]),
            ...assumptions(cards, words),
          ];
    case "more":
      return first ? [words.more(cards.map(({ number }) => number)), ...assumptions(cards, words)] : [words.noMore];
    case "nearest":
      return first ? [words.nearest(cards.map(({ number }) => number))] : [words.noMore];
    case "find":
      return found(facts, words);
  }
}

function found(facts: TurnFacts, words: ChatWords): string[] {
  const { cards, slots, confidence } = facts;
  const [first, ...others] = cards;
  if (slots.need === null) return [words.greeting];
  if (confidence === "none" && facts.ruledOut === 0)
    return [
      words.nothing(plainly(slots.need), facts.categories),
      ...(first ? [words.nearest(cards.map(({ number }) => number))] : []),
    ];
  if (!first)
    return facts.ruledOut > 0
      ? [words.ruledOut(facts.ruledOut), words.noMore]
      : [words.nothing(plainly(slots.need), facts.categories)];
  const hasEstimates = cards.some(({ estimate }) => estimate !== null);
  const inside = first.budget === "over" ? others.find(({ budget }) => budget === "inside") : undefined;
  return [
    words.best(first.number, quoteOf(first), confidence === "weak"),
    ...money(first, facts, words),
    ...(inside ? [words.insideInstead(inside.number)] : []),
    ...(others.length > 0
      ? [
          words.others(
            others.slice(0, 2).map(({ number }) => number),
            hasEstimates,
          ),
        ]
      : []),
    ...assumptions([first, ...others.slice(0, 2)], words),
  ];
}

function money(card: ChatCard, { slots }: TurnFacts, words: ChatWords): string[] {
  const budget = slots.budget && words.limit(slots.budget);
  if (!card.estimate || !slots.use) return [words.priceOf(card.number)];
  return [
    words.monthOf({
      card: card.number,
      use: words.use(slots.use),
      counts: card.estimate.basis === "most" ? countedBy(card) : null,
      verdict: card.budget,
      budget,
    }),
    ...(card.estimate.leftOut.length > 0 ? [words.leftOut(card.number, card.estimate.leftOut)] : []),
  ];
}

function aboutOne(card: ChatCard, facts: TurnFacts, words: ChatWords): string[] {
  const description = card.description.split("\n", 1)[0]!.trim();
  const quote = quoteOf(card);
  return [
    ...(isQuotable(description)
      ? [words.about(card.number, description)]
      : quote
        ? [words.quoted(card.number, quote)]
        : []),
    ...money(card, facts, words),
    ...assumptions([card], words),
  ];
}

function compared(cards: ChatCard[], words: ChatWords): string[] {
  const [one, two] = cards;
  if (!one) return [words.gone];
  if (!two) return [words.onlyOne(one.number)];
  const [less, more] = isCheaper(one, two) ? [one, two] : [two, one];
  const byMonth = one.estimate?.basis === "use" && two.estimate?.basis === "use";
  return [
    words.compared(cards.map(({ number }) => number)),
    ...(isCheaper(less, more) ? [words.cheaperOf(less.number, more.number, byMonth)] : []),
    ...cards.flatMap((card) => {
      const quote = quoteOf(card);
      return quote ? [words.quoted(card.number, quote)] : [];
    }),
    ...assumptions(cards, words),
  ];
}

/** A person's own words, without what could be taken for a mark. */
const plainly = (need: string): string => need.replaceAll(/[[\]<>]/g, "");

/** What the estimates shown rest on, once. */
function assumptions(cards: ChatCard[], words: ChatWords): string[] {
  const estimates = cards.flatMap(({ estimate }) => (estimate ? [estimate] : []));
  const known = estimates.filter(({ basis }) => basis === "use");
  const lengths = [...new Set(known.flatMap(({ assumedSessionSeconds }) => assumedSessionSeconds))];
  return [
    ...(lengths.length > 0 ? [words.assumption(lengths.toSorted((a, b) => a - b))] : []),
    ...(estimates.length > 0 ? [words.month] : []),
  ];
}

/** What the app says of itself nearest to the need: one of its uses. Its description stands on the card. */
function quoteOf({ nearest, name, description }: ChatCard): string | null {
  if (nearest === null || nearest.startsWith(`${name}.`) || description.includes(nearest)) return null;
  return isQuotable(nearest) ? nearest.replace(/[.!?…]+$/, "") : null;
}

/** What an app counts beside time. */
const countedBy = ({ pricing }: ChatCard): string[] =>
  pricing.filter(({ meter }) => !isTimeMeter(meter)).map(({ meter }) => meter);

function pricedApp(card: ChatCard): PricedApp {
  const counted = card.pricing.find(({ meter, price }) => !isTimeMeter(meter) && price.model !== "flat");
  const flat = card.pricing.find(({ price }) => price.model === "flat");
  return {
    name: card.name,
    tokenRatePerHour: card.tokenRatePerHour,
    counted: counted
      ? { meter: counted.meter, unitTokens: oneMore(card.pricing, counted), percent: percentOf(counted.price) }
      : null,
    flatTokens: flat?.price.model === "flat" ? flat.price.amount : null,
    mostAnHour: card.mostAnHour,
  };
}

/** Of a price that is a share of an amount: the share, or the lowest of several. */
function percentOf(price: Price): { rate: string; isLowest: boolean } | null {
  if (price.model === "bounded") return percentOf(price.price);
  if (price.model === "hybrid") return percentOf(price.over);
  if (price.model === "percentage") return { rate: price.rate, isLowest: false };
  if (price.model !== "graduated_percentage") return null;
  const rates = price.tiers.map(({ rate }) => rate ?? "0").toSorted((a, b) => Number(a) - Number(b));
  return { rate: rates[0] ?? "0", isLowest: rates.length > 1 };
}
