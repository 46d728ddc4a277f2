// What the owner of an app is told, in German.

import type { enProviderNews } from "./en-provider-news.ts";

export const deProviderNews: typeof enProviderNews = (kind, data) => {
  const app = String(data.providerName);
  switch (kind) {
    case "app_unreachable":
      return `${app} antwortet nicht (${String(data.error)}). Niemand kann sie starten, und Sitzungen darin endeten kostenlos.`;
    case "app_reachable":
      return `${app} antwortet wieder. Man kann sie starten.`;
    case "webhook_disabled":
      return data.reason === "gone"
        ? `Wir senden keine Ereignisse von ${app} mehr an ${String(data.url)}: Die Antwort war 410 Gone.`
        : `Wir senden keine Ereignisse von ${app} mehr an ${String(data.url)}: Fünf Tage lang kam nichts durch. 30 Tage lang geht nichts verloren.`;
    case "help_answered":
      return `Wir haben Ihnen geantwortet: ${String(data.answer)}`;
    case "app_approved":
      return `${app} steht im Katalog. ${String(data.reason)}`;
    case "app_rejected":
      return `${app} wurde nicht in den Katalog aufgenommen. ${String(data.reason)}`;
    default:
      return null;
  }
};
