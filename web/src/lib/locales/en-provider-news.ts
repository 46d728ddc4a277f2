// What the owner of an app is told, in English.

/** Null for other news. */
export function enProviderNews(kind: string, data: Record<string, unknown>): string | null {
  const app = String(data.providerName);
  switch (kind) {
    case "app_unreachable":
      return `${app} does not answer (${String(data.error)}). Nobody can start it, and sessions in it ended at no cost.`;
    case "app_reachable":
      return `${app} answers again. People can start it.`;
    case "webhook_disabled":
      return data.reason === "gone"
        ? `We stopped sending events of ${app} to ${String(data.url)}: it answered 410 Gone.`
        : `We stopped sending events of ${app} to ${String(data.url)}: nothing got through for five days. Nothing is lost for 30 days.`;
    case "help_answered":
      return `An operator answered you: ${String(data.answer)}`;
    case "app_approved":
      return `${app} is in the catalogue. ${String(data.reason)}`;
    case "app_rejected":
      return `${app} was not taken into the catalogue. ${String(data.reason)}`;
    default:
      return null;
  }
}
