// The embedded engine's sentences in German.

import { TOKEN_CENTS } from "../../money.ts";
import type { Budget, Every, Range, Use } from "./slots.ts";
import type { ChatWords, PricedApp } from "./chat-words.ts";

const whole = new Intl.NumberFormat("de", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("de", { maximumFractionDigits: 6 });
const dollars = new Intl.NumberFormat("de", { style: "currency", currency: "USD" });
const fineDollars = new Intl.NumberFormat("de", { style: "currency", currency: "USD", maximumFractionDigits: 6 });

const money = (tokens: number): string => dollars.format((tokens * TOKEN_CENTS) / 100);
/** Without cents where there are none. */
const sum = (tokens: number): string => money(tokens).replace(/,00(?=\D*$)/, "");
const tokensText = (tokens: number): string => `${whole.format(tokens)} Token`;
const card = (number: number): string => `[[card:${number}]]`;
const cards = (numbers: number[]): string => list(numbers.map(card));
const list = (texts: string[]): string =>
  texts.length < 2 ? (texts[0] ?? "") : `${texts.slice(0, -1).join(", ")} und ${texts.at(-1)}`;
const range = ({ min, max }: Range): string =>
  min === max ? fine.format(min) : `${fine.format(min)} bis ${fine.format(max)}`;

const METERS: Record<string, [one: string, many: string]> = {
  image: ["Bild", "Bilder"],
  page: ["Seite", "Seiten"],
  email: ["E-Mail", "E-Mails"],
  scene: ["Szene", "Szenen"],
  letter: ["Brief", "Briefe"],
  question: ["Frage", "Fragen"],
  itinerary: ["Reiseplan", "Reisepläne"],
  video_minute: ["Videominute", "Videominuten"],
  audio_minute: ["Tonminute", "Tonminuten"],
  gpu_minute: ["GPU-Minute", "GPU-Minuten"],
  speech_second: ["Sekunde Sprache", "Sekunden Sprache"],
  thousand_rows: ["tausend Zeilen", "tausend Zeilen"],
};
const meterName = (meter: string, many = false): string =>
  METERS[meter]?.[many ? 1 : 0] ?? meter.replaceAll(/[_.]+/g, " ");

const UNITS: Record<Every["unit"], [one: string, many: string]> = {
  day: ["am Tag", "Tage"],
  workday: ["je Arbeitstag", "Arbeitstage"],
  week: ["pro Woche", "Wochen"],
  month: ["im Monat", "Monate"],
  year: ["im Jahr", "Jahre"],
};
const every = ({ count, unit }: Every): string => (count === 1 ? UNITS[unit][0] : `alle ${count} ${UNITS[unit][1]}`);
const length = ({ min, max }: Range): string =>
  max >= 60 && min % 30 === 0 && max % 30 === 0
    ? `${range({ min: min / 60, max: max / 60 })} ${max === 60 ? "Stunde" : "Stunden"}`
    : `${range({ min, max })} Minuten`;

function useText(use: Use): string {
  if (use.kind === "units")
    return `${range(use.units)} ${meterName(use.unit, use.units.max !== 1)} ${every(use.every)}`;
  const often = use.times && `${range(use.times)}-mal`;
  if (!often) return `${length(use.minutes!)} ${every(use.every)}`;
  return use.minutes ? `${often} ${every(use.every)} ${length(use.minutes)}` : `${often} ${every(use.every)}`;
}

const PER: Record<Budget["per"], string> = {
  day: "am Tag",
  week: "pro Woche",
  month: "im Monat",
  year: "im Jahr",
  hour: "pro Stunde",
  session: "je Sitzung",
  unit: "je Stück",
};

function priceText(app: PricedApp): string {
  const parts = [
    ...(app.tokenRatePerHour === null
      ? []
      : [`${tokensText(app.tokenRatePerHour)} pro Stunde, ${money(app.tokenRatePerHour)}`]),
    ...(app.flatTokens === null ? [] : [`${fine.format(Number(app.flatTokens))} Token je Sitzung`]),
    ...(app.counted === null
      ? []
      : [
          app.counted.percent
            ? `${app.counted.percent.isLowest ? "ab " : ""}${fine.format(Number(app.counted.percent.rate))} % von ${meterName(app.counted.meter)}`
            : app.counted.meter === "token"
              ? "was die App selbst meldet"
              : `${fine.format(Number(app.counted.unitTokens))} Token je ${meterName(app.counted.meter)}, ${fineDollars.format((Number(app.counted.unitTokens) * TOKEN_CENTS) / 100)}`,
        ]),
  ];
  const most = app.counted ? `; eine Stunde höchstens ${tokensText(app.mostAnHour.tokens)}` : "";
  return (parts.length > 0 ? parts.join(" und ") : `höchstens ${tokensText(app.mostAnHour.tokens)} pro Stunde`) + most;
}

const hours = (seconds: number): string =>
  seconds === 3600 ? "einstündige" : seconds === 10_800 ? "dreistündige" : `${fine.format(seconds / 3600)}-stündige`;

export const wordsDe: ChatWords = {
  greeting:
    "Hallo. Sagen Sie mir, was Sie erledigen möchten: Ich suche die App und rechne aus, was sie Sie kosten würde.",
  help: "Sagen Sie mir, was Sie brauchen, wie oft und was es kosten darf: Ich suche im Katalog und rechne jeden Preis mit derselben Rechnung, die Sitzungen abrechnet. Danach können Sie „günstiger“, „vergleiche 1 und 2“, „ohne Video“ oder „starte die zweite“ sagen. Token gebe ich nie selbst aus.",
  restarted: "Gut, wir fangen von vorn an.",
  use: useText,
  budget: ({ tokens, per, isPeriodAssumed }) =>
    tokens === 0 ? "kostenlos" : `bis ${sum(tokens)} ${PER[per]}${isPeriodAssumed ? " (angenommen)" : ""}`,
  limit: ({ tokens, per }) => `${sum(tokens)} ${PER[per]}`,
  pricedBy: (priced) => ({ time: "nach Zeit", unit: "nach Stück", flat: "zum Festpreis" })[priced],
  without: (word) => `ohne ${word}`,
  region: (place) => `angeboten in ${place}`,
  rating: (stars) => `mindestens ${fine.format(stars)} Sterne`,
  estimate: ({ basis, lowTokens, highTokens }) => {
    if (basis === "most") return `höchstens ${tokensText(highTokens)} im Monat, ${money(highTokens)}`;
    if (lowTokens === highTokens) return `${tokensText(highTokens)} im Monat, ${money(highTokens)}`;
    return `${whole.format(lowTokens)} bis ${tokensText(highTokens)} im Monat, ${money(lowTokens)} bis ${money(highTokens)}`;
  },
  price: priceText,
  best: (number, quote, isWeak) =>
    `${card(number)} ${isWeak ? "kommt am nächsten, ich bin aber nicht sicher, ob Sie das meinen" : "passt am besten"}${quote ? `; in den Worten der App: „${quote}“` : ""}.`,
  quoted: (number, quote) => `${card(number)} sagt von sich: „${quote}“.`,
  monthOf: ({ card: number, use, counts, verdict, budget }) => {
    const end =
      verdict === "inside"
        ? `, innerhalb Ihrer Grenze von ${budget}`
        : verdict === "over"
          ? `, über Ihrer Grenze von ${budget}`
          : verdict === "maybe"
            ? `, vielleicht über Ihrer Grenze von ${budget}`
            : "";
    return counts
      ? `Die App zählt ${counts.map((meter) => (meter === "token" ? "was sie selbst meldet" : meterName(meter, true))).join(" und ")}, nicht Zeit; sicher ist darum nur das Höchste: Bei ${use} sind es [[est:${number}]]${end}.`
      : `Bei ${use} kostet das [[est:${number}]]${end}.`;
  },
  priceOf: (number) => `Sie kostet [[est:${number}]].`,
  others: (numbers, hasEstimates) =>
    numbers.length === 1
      ? `Danach kommt ${card(numbers[0]!)}${hasEstimates ? `: [[est:${numbers[0]}]]` : ""}.`
      : `Danach kommen ${list(numbers.map((number) => `${card(number)}${hasEstimates ? ` ([[est:${number}]])` : ""}`))}.`,
  insideInstead: (number) => `${card(number)} bleibt darunter.`,
  leftOut: (number, meters) =>
    `Dazu zählt ${card(number)} ${list(
      meters.map(({ meter, unitTokens }) =>
        meter === "token"
          ? "was die App selbst meldet"
          : `${meterName(meter, true)} zu je ${fine.format(Number(unitTokens))} Token`,
      ),
    )}; das ist hier nicht enthalten.`,
  assumption: (lengths) =>
    lengths.length > 1
      ? `Die Spanne reicht über ${list(lengths.map(hours))} Sitzungen.`
      : `Gerechnet mit ${length({ min: lengths[0]! / 60, max: lengths[0]! / 60 })} je Sitzung.`,
  month: "Ein Monat hat 52/12 Wochen, Token sind aufgerundet.",
  nothing: (need, categories) =>
    `Keine App im Katalog sagt, dass sie das kann: „${need}“. Das sage ich lieber, als zu raten.${categories.length > 0 ? ` Am vollsten sind die Regale ${list(categories)}.` : ""} Deutsch übersetze ich Wort für Wort; ein englischer Satz sagt mir mehr.`,
  ruledOut: (count) =>
    `Ihre Wünsche haben ${count === 1 ? "eine App" : `${count} Apps`} ausgeschlossen, die nahe gekommen wäre${count === 1 ? "" : "n"}.`,
  noMore: "Mehr kommt dem nicht nahe, was Sie brauchen.",
  more: (numbers) => `Weiter hinten ${numbers.length === 1 ? "kommt" : "kommen"} ${cards(numbers)}.`,
  nearest: (numbers) =>
    `In Worten oder Bedeutung am nächsten, ohne Versprechen, dass sie es können: ${cards(numbers)}.`,
  cheapest: (number) => `${card(number)} ist schon die günstigste von denen, die passen.`,
  cheaper: (numbers, than) => `Weniger als ${than} ${numbers.length === 1 ? "kostet" : "kosten"} ${cards(numbers)}.`,
  cheaperByHour:
    "Verglichen habe ich, was eine Stunde höchstens kostet, denn wie oft Sie sie nutzen, haben Sie nicht gesagt.",
  compared: (numbers) => `${list(numbers.map((number) => `${card(number)}: [[est:${number}]]`))}.`,
  cheaperOf: (number, other, byMonth) =>
    `${card(number)} kostet weniger als ${card(other)}${byMonth ? "" : ", gemessen am Höchstpreis einer Stunde"}.`,
  about: (number, description) => `${card(number)}: ${description}`,
  start: (number) =>
    `Auf der Seite von ${card(number)} steht, was eine Sitzung höchstens kostet; erst wenn Sie dort starten, wird etwas reserviert. Ich kann Ihre Token nicht ausgeben.`,
  unavailable: (number) => `${card(number)} wird gerade gewartet und lässt sich nicht starten.`,
  onlyOne: (number) => `Gezeigt ist nur ${card(number)}, zu vergleichen gibt es nichts.`,
  startWhich: "Welche? Nenne die Nummer oder den Namen.",
  readAs: (english) => `Gesucht habe ich auf Englisch: „${english}“.`,
  corrected: (from, to) => `„${from}“ habe ich als „${to}“ gelesen.`,
  foreignCurrency:
    "Preise stehen hier in US-Dollar und Token; diesen Betrag habe ich ausgelassen; nennen Sie ihn bitte in Dollar.",
  gone: "Diese App steht nicht mehr im Katalog.",
  ask: {
    need: "Was möchten Sie erledigen?",
    other: "Können Sie es mit anderen Worten sagen?",
    use: (unit) =>
      unit
        ? `Wie viele ${meterName(unit, true)} wären es im Monat?`
        : "Wie lange würden Sie sie in einer normalen Woche nutzen?",
    budget: "Was darf es im Monat höchstens kosten?",
  },
  choices: {
    useTime: ["1 Stunde pro Woche", "2 bis 3 Stunden pro Woche", "eine Stunde am Tag"],
    useUnits: (unit) => [20, 100, 500].map((count) => `${count} ${meterName(unit, true)} im Monat`),
    budget: ["5 Dollar im Monat", "20 Dollar im Monat", "kein Limit"],
    nothing: ["von vorn"],
  },
  example: [
    "Untertitel für meine Videos",
    "Mahlzeiten planen, 2 bis 3 Stunden pro Woche, unter 20 Dollar",
    "Hilfe bei Mathe",
  ],
};
