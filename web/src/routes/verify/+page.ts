import type { VerifyMessages } from "$lib/locales/en-receipts.ts";
import type { PageLoad } from "./$types";

/** The words of this page come with it; nothing else needs them. */
export const load: PageLoad = async ({ parent }): Promise<{ words: VerifyMessages }> => {
  const { i18n } = await parent();
  if (i18n.language === "de") return { words: (await import("$lib/locales/de-receipts.ts")).deVerify };
  return { words: (await import("$lib/locales/en-receipts.ts")).enVerify };
};
