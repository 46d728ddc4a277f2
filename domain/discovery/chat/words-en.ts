// The embedded engine's sentences in English.

import { TOKEN_CENTS } from "../../money.ts";
import type { Budget, Every, Range, Use } from "./slots.ts";
import type { ChatWords, PricedApp } from "./chat-words.ts";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const fineDollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 6 });

const money = (tokens: number): string => dollars.format((tokens * TOKEN_CENTS) / 100);
/** Without cents where there are none. */
const sum = (tokens: number): string => money(tokens).replace(/\.00$/, "");
const tokensText = (tokens: number): string => `${whole.format(tokens)} ${tokens === 1 ? "token" : "tokens"}`;
const card = (number: number): string => `[[card:${number}]]`;
const cards = (numbers: number[]): string => list(numbers.map(card));
const list = (texts: string[]): string =>
  texts.length < 2 ? (texts[0] ?? "") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
const range = ({ min, max }: Range): string =>
  min === max ? fine.format(min) : `${fine.format(min)} to ${fine.format(max)}`;
const plural = (word: string, count: number): string =>
  count === 1 ? word : /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
const withArticle = (word: string): string => `${/^[aeiou]/i.test(word) ? "an" : "a"} ${word}`;
const meterName = (meter: string): string => meter.replaceAll(/[_.]+/g, " ").replace(/\bemail\b/, "e-mail");

function every({ count, unit }: Every): string {
  const word = unit === "workday" ? "working day" : unit;
  return count === 1 ? `a ${word}` : `every ${count} ${plural(word, count)}`;
}
const length = ({ min, max }: Range): string =>
  max >= 60 && min % 30 === 0 && max % 30 === 0
    ? `${range({ min: min / 60, max: max / 60 })} ${plural("hour", max / 60)}`
    : `${range({ min, max })} ${plural("minute", max)}`;

const OFTEN: Record<number, string> = { 1: "once", 2: "twice" };
function useText(use: Use): string {
  if (use.kind === "units") return `${range(use.units)} ${plural(use.unit, use.units.max)} ${every(use.every)}`;
  const often =
    (use.times && use.times.min === use.times.max && OFTEN[use.times.max]) ||
    (use.times && `${range(use.times)} times`);
  if (!often) return `${length(use.minutes!)} ${every(use.every)}`;
  return use.minutes ? `${length(use.minutes)} ${often} ${every(use.every)}` : `${often} ${every(use.every)}`;
}

const PER: Record<Budget["per"], string> = {
  day: "a day",
  week: "a week",
  month: "a month",
  year: "a year",
  hour: "an hour",
  session: "a session",
  unit: "apiece",
};

function priceText(app: PricedApp): string {
  const parts = [
    ...(app.tokenRatePerHour === null
      ? []
      : [`${tokensText(app.tokenRatePerHour)} an hour, ${money(app.tokenRatePerHour)}`]),
    ...(app.flatTokens === null ? [] : [`${fine.format(Number(app.flatTokens))} tokens a session`]),
    ...(app.counted === null
      ? []
      : [
          app.counted.percent
            ? `${app.counted.percent.isLowest ? "from " : ""}${fine.format(Number(app.counted.percent.rate))}% of the ${meterName(app.counted.meter)}`
            : app.counted.meter === "token"
              ? "what the app itself reports"
              : `${fine.format(Number(app.counted.unitTokens))} tokens ${withArticle(meterName(app.counted.meter))}, ${fineDollars.format((Number(app.counted.unitTokens) * TOKEN_CENTS) / 100)}`,
        ]),
  ];
  const most = app.counted ? `; an hour is at most ${tokensText(app.mostAnHour.tokens)}` : "";
  return (parts.length > 0 ? parts.join(" plus ") : `at most ${tokensText(app.mostAnHour.tokens)} an hour`) + most;
}

const LENGTHS: Record<number, string> = { 3600: "one-hour", 10800: "three-hour" };
const hours = (seconds: number): string => LENGTHS[seconds] ?? `${fine.format(seconds / 3600)}-hour`;

export const wordsEn: ChatWords = {
  greeting: "Hello. Tell me what you want to get done, and I look for the app and work out what it would cost you.",
  help: "Tell me what you need, how often, and what it may cost: I look through the catalogue and work out each price with the engine that settles sessions. You can then say “cheaper”, “compare 1 and 2”, “without video” or “start the second one”. I never spend tokens myself.",
  restarted: "Done, we start afresh.",
  use: useText,
  budget: ({ tokens, per, isPeriodAssumed }) =>
    tokens === 0 ? "free" : `up to ${sum(tokens)} ${PER[per]}${isPeriodAssumed ? " (assumed)" : ""}`,
  limit: ({ tokens, per }) => `${sum(tokens)} ${PER[per]}`,
  pricedBy: (priced) => ({ time: "priced by time", unit: "priced by the piece", flat: "one flat price" })[priced],
  without: (word) => `without ${word}`,
  region: (place) => `offered in ${place}`,
  rating: (stars) => `rated ${fine.format(stars)} or better`,
  estimate: ({ basis, lowTokens, highTokens }) => {
    if (basis === "most") return `at most ${tokensText(highTokens)} a month, ${money(highTokens)}`;
    if (lowTokens === highTokens) return `${tokensText(highTokens)} a month, ${money(highTokens)}`;
    return `${whole.format(lowTokens)} to ${tokensText(highTokens)} a month, ${money(lowTokens)} to ${money(highTokens)}`;
  },
  price: priceText,
  best: (number, quote, isWeak) =>
    `${card(number)} ${isWeak ? "comes nearest, though I am not sure it is what you mean" : "fits best"}${quote ? `: it says “${quote}”` : ""}.`,
  quoted: (number, quote) => `${card(number)} says “${quote}”.`,
  monthOf: ({ card: number, use, counts, verdict, budget }) => {
    const end =
      verdict === "inside"
        ? `, inside your limit of ${budget}`
        : verdict === "over"
          ? `, over your limit of ${budget}`
          : verdict === "maybe"
            ? `, which may go over your limit of ${budget}`
            : "";
    return counts
      ? `It counts ${counts.map((meter) => (meter === "token" ? "what it reports itself" : plural(meterName(meter), 2))).join(" and ")}, not time, so I can only say the most: at ${use}, [[est:${number}]]${end}.`
      : `At ${use} it comes to [[est:${number}]]${end}.`;
  },
  priceOf: (number) => `It costs [[est:${number}]].`,
  others: (numbers, hasEstimates) =>
    numbers.length === 1
      ? `The next one is ${card(numbers[0]!)}${hasEstimates ? `: [[est:${numbers[0]}]]` : ""}.`
      : `Then come ${list(numbers.map((number) => `${card(number)}${hasEstimates ? ` ([[est:${number}]])` : ""}`))}.`,
  insideInstead: (number) => `${card(number)} stays inside it.`,
  leftOut: (number, meters) =>
    `On top of that ${card(number)} counts ${list(
      meters.map(({ meter, unitTokens }) =>
        meter === "token"
          ? "what it reports itself"
          : `${plural(meterName(meter), 2)} at ${fine.format(Number(unitTokens))} tokens each`,
      ),
    )}, which is not in this estimate.`,
  assumption: (lengths) =>
    lengths.length > 1
      ? `The range covers ${list(lengths.map(hours))} sessions.`
      : `I took each session to last ${length({ min: lengths[0]! / 60, max: lengths[0]! / 60 })}.`,
  month: "A month is 52/12 weeks, and tokens are rounded up.",
  nothing: (need, categories) =>
    `Nothing in the catalogue says that it does this: “${need}”. I would rather say so than guess.${categories.length > 0 ? ` The fullest shelves are ${list(categories)}.` : ""}`,
  ruledOut: (count) => `Your wishes ruled out ${count === 1 ? "one app" : `${count} apps`} that would have come near.`,
  noMore: "That was all that comes near to what you need.",
  more: (numbers) => `Further down there ${numbers.length === 1 ? "is" : "are"} ${cards(numbers)}.`,
  nearest: (numbers) => `Nearest in words or meaning, without a promise that they do it: ${cards(numbers)}.`,
  cheapest: (number) => `${card(number)} is already the cheapest of those that come near to what you need.`,
  cheaper: (numbers, than) =>
    `${numbers.length === 1 ? `${card(numbers[0]!)} costs` : `${cards(numbers)} cost`} less than ${than}.`,
  cheaperByHour: "I compared the most that an hour can cost, because you have not said how often you would use it.",
  compared: (numbers) => `${list(numbers.map((number) => `${card(number)} is ${`[[est:${number}]]`}`))}.`,
  cheaperOf: (number, other, byMonth) =>
    `${card(number)} costs less than ${card(other)}${byMonth ? "" : ", going by the most an hour can cost"}.`,
  about: (number, description) => `${card(number)}: ${description}`,
  start: (number) =>
    `The page of ${card(number)} has the price box: it shows the most a session can cost, and nothing is held before you press start there. I cannot spend your tokens.`,
  unavailable: (number) => `${card(number)} is under maintenance and cannot be started right now.`,
  onlyOne: (number) => `${card(number)} is the only one shown, so there is nothing to compare it with.`,
  startWhich: "Which one? Say its number or its name.",
  readAs: (english) => `I looked for “${english}”.`,
  corrected: (from, to) => `I read “${from}” as “${to}”.`,
  foreignCurrency: "Prices here are in US dollars and tokens, so I left that sum out; tell me one in dollars.",
  gone: "That app is no longer in the catalogue.",
  ask: {
    need: "What do you want to get done?",
    other: "Can you say it in other words?",
    use: (unit) =>
      unit
        ? `How many ${plural(meterName(unit), 2)} would it be in a month?`
        : "How long would you use it in a typical week?",
    budget: "What may it cost at most in a month?",
  },
  choices: {
    useTime: ["1 hour a week", "2 to 3 hours a week", "an hour a day"],
    useUnits: (unit) => [20, 100, 500].map((count) => `${count} ${plural(meterName(unit), count)} a month`),
    budget: ["$5 a month", "$20 a month", "no limit"],
    nothing: ["start over"],
  },
  example: ["subtitles for my videos", "plan my meals, 2 to 3 hours a week, under $20", "help with maths homework"],
};
