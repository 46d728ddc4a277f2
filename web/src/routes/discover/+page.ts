import type { PageLoad } from "./$types";

/** The chat's own words come with the page; `?q=` is said at once. */
export const load: PageLoad = async ({ url, parent }) => {
  const { i18n, preferences } = await parent();
  const words =
    i18n.language === "de"
      ? (await import("$lib/locales/de-discover.ts")).deDiscover
      : (await import("$lib/locales/en-discover.ts")).enDiscover;
  return { words, language: i18n.language, preferences, first: (url.searchParams.get("q") ?? "").trim().slice(0, 500) };
};
