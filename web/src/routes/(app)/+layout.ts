import { loadAppI18n } from "$lib/i18n.ts";
import type { LayoutLoad } from "./$types";

// Signed-in pages are drawn in the browser: the access token lives there alone.
export const ssr = false;

export const load: LayoutLoad = async ({ parent }) => {
  const { i18n } = await parent();
  return { appI18n: await loadAppI18n(i18n) };
};
