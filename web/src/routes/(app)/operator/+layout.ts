import { loadOperatorI18n } from "$lib/i18n.ts";
import type { LayoutLoad } from "./$types";

export const load: LayoutLoad = async ({ parent }) => {
  const { appI18n } = await parent();
  return { operatorI18n: await loadOperatorI18n(appI18n) };
};
