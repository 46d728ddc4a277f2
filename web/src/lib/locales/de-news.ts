// Was man Ihnen sagt, ein Satz je Art der Mitteilung, auf Deutsch.

import { deMoneyBackNews } from "./de-money-back.ts";
import { deProviderNews } from "./de-provider-news.ts";
import { deSliceNews } from "./de-slices.ts";
import type { enNews } from "./en-news.ts";

export const IN_PERIOD: Record<string, string> = { day: "heute", week: "diese Woche", month: "diesen Monat" };

export const deNews: typeof enNews = (kind, data, count, money) => {
  const number = (name: string) => count(Number(data[name] ?? 0));
  switch (kind) {
    case "balance_low":
      return `Ihre Token sind unter ${number("alertTokens")}: ${number("totalTokens")} sind übrig.`;
    case "spending_alert":
      return `Sie haben ${IN_PERIOD[String(data.period)] ?? ""} ${number("spentTokens")} Token ausgegeben${data.providerName ? ` (${String(data.providerName)})` : ""}.`;
    case "session_due":
      return data.isStartable === false
        ? `Ihre geplante Sitzung in ${String(data.providerName)} lässt sich gerade nicht starten. Es ist nichts reserviert.`
        : Number(data.missingTokens) > 0
          ? `Ihre geplante Sitzung in ${String(data.providerName)} steht an. Sie braucht ${number("requiredTokens")} Tokens; ${number("missingTokens")} fehlen.`
          : `Ihre geplante Sitzung in ${String(data.providerName)} steht an. Starten Sie sie unter Sitzungen; bis dahin ist nichts reserviert.`;
    case "top_up_done":
      return `Wir haben ${number("tokens")} Token für ${money(Number(data.amountCents ?? 0))} gekauft, wie Sie es eingestellt haben.`;
    case "top_up_failed":
      return "Das automatische Aufladen ging nicht durch. Es wurde nichts abgebucht.";
    case "top_up_needs_you":
      return `Ihre Bank möchte Sie fragen, bevor ${number("tokens")} Token gekauft werden. Noch wurde nichts abgebucht.`;
    case "top_up_stopped":
      return data.reason === "day_cap" || data.reason === "month_cap"
        ? "Ihre Token sind knapp, und Ihre Grenze für das automatische Aufladen ist erreicht. Es wurde nichts abgebucht."
        : "Das automatische Aufladen hält an und fragt Sie erst. Es wird nichts abgebucht, bis Sie wieder einschalten.";
    case "subscription_started":
      return `${String(data.planName)} gehört Ihnen: bis zur nächsten Verlängerung sind ${number("includedTokens")} Token Nutzung enthalten.`;
    case "subscription_renewed":
      return `${String(data.planName)} wurde für ${money(Number(data.paidCents ?? 0))} verlängert; ${number("includedTokens")} Token Nutzung sind wieder enthalten.`;
    case "subscription_past_due":
      return `${String(data.planName)} konnte nicht verlängert werden. Bis es bezahlt ist, ist nichts enthalten.`;
    case "subscription_ended":
      return `${String(data.planName)} ist beendet. Es wird nichts mehr dafür abgebucht.`;
    default:
      return deSliceNews(kind, data, count) ?? deMoneyBackNews(kind, data, count, money) ?? deProviderNews(kind, data);
  }
};
