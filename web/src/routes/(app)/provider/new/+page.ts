import { loadHomeI18n } from "$lib/i18n.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ parent }) => {
  const { appI18n } = await parent();
  return { homeI18n: await loadHomeI18n(appI18n) };
};
