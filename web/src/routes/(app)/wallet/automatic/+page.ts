import type { AutomaticMessages } from "$lib/locales/en-automatic.ts";
import type { PageLoad } from "./$types";

/** The words of this page come with it; nothing else needs them. */
export const load: PageLoad = async ({ parent }): Promise<{ words: AutomaticMessages }> => {
  const { i18n } = await parent();
  if (i18n.language === "de") return { words: (await import("$lib/locales/de-automatic.ts")).deAutomatic };
  return { words: (await import("$lib/locales/en-automatic.ts")).enAutomatic };
};
