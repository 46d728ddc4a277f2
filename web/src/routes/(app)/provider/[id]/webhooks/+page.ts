import type { WebhookWords } from "$lib/locales/en-webhooks.ts";
import type { PageLoad } from "./$types";

/** Loaded with the page: no other needs these words. */
export const load: PageLoad = async ({ parent }) => {
  const { i18n } = await parent();
  const words: WebhookWords =
    i18n.language === "de"
      ? (await import("$lib/locales/de-webhooks.ts")).deWebhooks
      : (await import("$lib/locales/en-webhooks.ts")).enWebhooks;
  return { words };
};
