import { loadI18n } from "$lib/i18n.ts";
import { currentPreferences } from "$lib/preferences.ts";
import type { LayoutLoad } from "./$types";

export const load: LayoutLoad = async ({ depends }) => {
  depends("app:preferences");
  const preferences = currentPreferences();
  return { i18n: await loadI18n(preferences.language), preferences };
};
