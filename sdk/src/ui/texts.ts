// What the bar says. A language is data: these two come with the bar, more are loaded by pages that are in one of them
// (more-texts.ts), and `locale` also takes an object with some or all of these keys.
// {amount} becomes tokens with their money value.

const en = {
  name: "Session meter",
  amount: "{tokens} tokens ({money})",
  running: "left",
  warning: "until your session ends",
  paused: "Paused, you are not being charged",
  offline: "Offline, the marketplace keeps your time",
  ended: "Ended: {amount} used",
  refused: "This session could not be opened, nothing was charged: ",
  extend: "Extend 15 min, about {amount}",
  pause: "Pause",
  resume: "Resume",
  end: "End",
  rest: "End and get about {amount} back",
  details: "Details",
};
export type BarTexts = typeof en;

const de: BarTexts = {
  name: "Sitzungsuhr",
  amount: "{tokens} Tokens ({money})",
  running: "übrig",
  warning: "bis zum Ende Ihrer Sitzung",
  paused: "Pausiert, es wird nichts berechnet",
  offline: "Offline, der Marktplatz führt Ihre Zeit",
  ended: "Beendet: {amount} verbraucht",
  refused: "Diese Sitzung ließ sich nicht öffnen, es wurde nichts berechnet: ",
  extend: "15 min länger, etwa {amount}",
  pause: "Pause",
  resume: "Weiter",
  end: "Beenden",
  rest: "Beenden und etwa {amount} zurück",
  details: "Details",
};

const LOCALES: Record<string, BarTexts> = { en, de };

/**
 * The texts, and the language to format numbers in: the one asked for, else the page's, else the browser's. A language that
 * must be loaded takes its place in the same object when it has come; until then, and where it does not, it is English.
 */
export function textsFor(api: string, locale?: string | Partial<BarTexts>) {
  const own = typeof locale === "object" && locale;
  const language = (!own && locale) || document.documentElement.lang || navigator.language;
  const code = language.slice(0, 2);
  const texts = { ...(LOCALES[code] ?? en), ...own };
  if (!LOCALES[code])
    import(/* @vite-ignore */ api + "/sdk/v1/texts.js").then(
      (more: { texts: Record<string, BarTexts> }) => Object.assign(texts, more.texts[code], own),
      () => {},
    );
  return { language, texts };
}
