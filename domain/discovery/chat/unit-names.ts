// Whether what people call a thing is what an app counts: "photos" and the meter `image`, "20,000 rows" and `thousand_rows`.

const SAME: Record<string, string> = {
  photo: "image",
  picture: "image",
  pic: "image",
  foto: "image",
  bild: "image",
  bilder: "image",
  mail: "email",
  "e-mail": "email",
  newsletter: "email",
  sheet: "page",
  scan: "page",
  seite: "page",
  seiten: "page",
  brief: "letter",
  briefe: "letter",
  frage: "question",
  fragen: "question",
  szene: "scene",
  szenen: "scene",
  zeile: "row",
  zeilen: "row",
  invoice: "page",
  receipt: "page",
  recording: "audio",
  podcast: "audio",
  sound: "audio",
  speech: "speech",
  film: "video",
  trip: "itinerary",
};
const MULTIPLES: Record<string, number> = { thousand: 1000, hundred: 100, million: 1_000_000, dozen: 12 };
const SECONDS: Record<string, number> = { second: 1, minute: 60, hour: 3600 };

/** @returns `units` of what people say, in units of the meter; null where the meter counts something else. */
export function unitsOfMeter(meter: string, unit: string, units: number): number | null {
  const counted = wordsOf(meter);
  const said = wordsOf(unit);
  const multiple = MULTIPLES[counted[0]!] ?? 1;
  const thing = multiple === 1 ? counted : counted.slice(1);
  const value = units / multiple;
  if (thing.length === 0) return null;
  const last = thing.at(-1)!;
  const saidLast = said.at(-1)!;
  // Seconds of speech told in minutes: the same thing in another measure of time.
  if (SECONDS[last] && SECONDS[saidLast])
    return isSameStart(thing, said) && thing.length > 1 && said.length > 1
      ? (value * SECONDS[saidLast]) / SECONDS[last]
      : null;
  if (last !== saidLast) return null;
  return thing.length === 1 || said.length === 1 || isSameStart(thing, said) ? value : null;
}

const isSameStart = (a: string[], b: string[]): boolean => a.slice(0, -1).join(" ") === b.slice(0, -1).join(" ");

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[_.\s]+|(?<!e)-/)
    .filter(Boolean)
    .map((word) => SAME[word] ?? word)
    .map((word) => (word.length > 3 && !SAME[word] ? word.replace(/ies$/, "y").replace(/([^s])s$/, "$1") : word))
    .map((word) => SAME[word] ?? word);
