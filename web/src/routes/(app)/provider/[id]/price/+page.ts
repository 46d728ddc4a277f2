import { loadPricePageWords } from "$lib/price-page.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ parent }) => {
  const { i18n } = await parent();
  return { words: await loadPricePageWords(i18n.language) };
};
