import { listProviders } from "$lib/client/endpoints.ts";
import type { FrontWords } from "$lib/locales/en-front.ts";
import type { Language } from "$lib/preferences.ts";
import type { PageLoad } from "./$types";

/** A few apps to start with; the page stands without them. */
export const load: PageLoad = async ({ fetch, parent }) => {
  const [popular, words] = await Promise.all([
    listProviders({ limit: 4 }, fetch).then(
      (answer) => answer.providers,
      () => [],
    ),
    parent().then(({ i18n }) => loadWords(i18n.language)),
  ]);
  return { popular, words };
};

const loadWords = async (language: Language): Promise<FrontWords> =>
  language === "de"
    ? (await import("$lib/locales/de-front.ts")).deFront
    : (await import("$lib/locales/en-front.ts")).enFront;
