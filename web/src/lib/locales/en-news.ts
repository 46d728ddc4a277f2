// What a person is told, a sentence a kind of notification, in English: on the pages, and by the service worker on a device.

import { enMoneyBackNews } from "./en-money-back.ts";
import { enProviderNews } from "./en-provider-news.ts";
import { enSliceNews } from "./en-slices.ts";

export const IN_PERIOD: Record<string, string> = { day: "today", week: "this week", month: "this month" };

/** @returns null for a kind there is no sentence for. */
export function enNews(
  kind: string,
  data: Record<string, unknown>,
  count: (value: number) => string,
  money: (cents: number) => string,
): string | null {
  const number = (name: string) => count(Number(data[name] ?? 0));
  switch (kind) {
    case "balance_low":
      return `Your tokens are below ${number("alertTokens")}: ${number("totalTokens")} are left.`;
    case "spending_alert":
      return `You have spent ${number("spentTokens")} tokens ${IN_PERIOD[String(data.period)] ?? ""}${data.providerName ? ` in ${String(data.providerName)}` : ""}.`;
    case "session_due":
      return data.isStartable === false
        ? `Your planned session in ${String(data.providerName)} cannot be started right now. Nothing is held.`
        : Number(data.missingTokens) > 0
          ? `Your planned session in ${String(data.providerName)} is due. It needs ${number("requiredTokens")} tokens; ${number("missingTokens")} are missing.`
          : `Your planned session in ${String(data.providerName)} is due. Start it under Sessions; until then nothing is held.`;
    case "top_up_done":
      return `We bought ${number("tokens")} tokens for ${money(Number(data.amountCents ?? 0))}, as you set it.`;
    case "top_up_failed":
      return "Automatic top-up did not go through. Nothing was charged.";
    case "top_up_needs_you":
      return `Your bank wants to hear from you before ${number("tokens")} tokens are bought. Nothing was charged yet.`;
    case "top_up_stopped":
      return data.reason === "day_cap" || data.reason === "month_cap"
        ? "Your tokens are low, and the limit you set for automatic top-up is reached. Nothing was charged."
        : "Automatic top-up has stopped and asks you first. Nothing is charged until you turn it on again.";
    case "subscription_started":
      return `${String(data.planName)} is yours: ${number("includedTokens")} tokens of use are included until the next renewal.`;
    case "subscription_renewed":
      return `${String(data.planName)} was renewed for ${money(Number(data.paidCents ?? 0))}; ${number("includedTokens")} tokens of use are included again.`;
    case "subscription_past_due":
      return `${String(data.planName)} could not be renewed. Nothing is included until it is paid.`;
    case "subscription_ended":
      return `${String(data.planName)} has ended. Nothing more is charged for it.`;
    default:
      return enSliceNews(kind, data, count) ?? enMoneyBackNews(kind, data, count, money) ?? enProviderNews(kind, data);
  }
}
