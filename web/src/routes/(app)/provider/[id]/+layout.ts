import { loadHomeI18n } from "$lib/i18n.ts";
import type { LayoutLoad } from "./$types";

export const load: LayoutLoad = async ({ parent }) => {
  const { appI18n } = await parent();
  return { homeI18n: await loadHomeI18n(appI18n) };
};
