import { loadLaterWords } from "$lib/later-words.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ parent }) => ({
  words: (await loadLaterWords((await parent()).i18n.language)).pauses,
});
