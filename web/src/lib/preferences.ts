// What a visitor chose, kept in plain cookies so that the server draws the first page right: language, theme, and a hint
// that this browser is signed in (it opens nothing; it only reserves the header's place for the balance).

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  language: Language;
  theme: Theme;
  signedInHint: boolean;
}

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Read the cookies; without a chosen language, the first of `accepted` (Accept-Language or navigator.languages) we speak. */
export function readPreferences(cookieHeader: string, accepted: readonly string[]): Preferences {
  const cookies = new Map(
    cookieHeader.split(";").map((pair) => {
      const [name = "", value = ""] = pair.trim().split("=");
      return [name, value];
    }),
  );
  const chosen = cookies.get("language");
  const theme = cookies.get("theme");
  return {
    language: LANGUAGES.find((language) => language === chosen) ?? firstSpoken(accepted),
    theme: THEMES.find((known) => known === theme) ?? "system",
    signedInHint: cookies.get("signed_in") === "1",
  };
}

function firstSpoken(accepted: readonly string[]): Language {
  for (const tag of accepted) {
    const spoken = LANGUAGES.find((language) => tag.trim().toLowerCase().startsWith(language));
    if (spoken) return spoken;
  }
  return "en";
}

/** Browser only. */
export function rememberPreference(name: "language" | "theme" | "signed_in", value: string | null): void {
  const life = value === null ? 0 : YEAR_SECONDS;
  document.cookie = `${name}=${value ?? ""}; Path=/; Max-Age=${life}; SameSite=Lax`;
}

let serverSource: (() => Preferences) | null = null;
/** The server's hook tells universal code where the current request's preferences are. */
export const setServerPreferences = (source: () => Preferences): void => {
  serverSource = source;
};

/** The current preferences, on either side. */
export function currentPreferences(): Preferences {
  if (serverSource) return serverSource();
  return readPreferences(document.cookie, navigator.languages);
}
