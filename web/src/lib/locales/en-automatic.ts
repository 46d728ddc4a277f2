// The words of Wallet, Automatic and of notifications in English. Each sentence says what can be charged, and when.

import { enNews, IN_PERIOD } from "./en-news.ts";

const PERIODS: Record<string, string> = { day: "a day", week: "a week", month: "a month" };

export const enAutomatic = {
  title: "Top-up, alerts and limits",
  back: "Wallet",
  lead: "What may be bought without you, what you are told, and where you stop yourself. All of it is off until you turn it on.",
  failed: "This could not be loaded. Nothing was changed.",
  saved: "Saved.",
  save: "Save",
  saving: "Saving",
  topUp: {
    title: "Automatic top-up",
    state: { off: "Off", on: "On", asking: "Asks you first" } as Record<string, string>,
    explain: (threshold: string, tokens: string, money: string, card: string) =>
      `When your tokens fall below ${threshold}, we buy ${tokens} for ${money} with ${card}.`,
    bounds: (day: string, month: string) =>
      `At most ${day} a day and ${month} a month. Only while you are using an app, at most once in ten minutes. Held tokens count as yours, so a start never sets it off.`,
    noCard: "No card is saved. It is saved on Stripe’s page when you buy and agree to it; we never see its number.",
    buyAndSave: (money: string) => `Pay ${money} and keep the card`,
    asking:
      "Your card did not go through three times in a row, or it is gone. Nothing is charged until you turn this on again.",
    threshold: "When my tokens fall below",
    amount: "Buy so many tokens",
    dayMax: "At most a day",
    monthMax: "At most a month",
    turnOn: "Turn on and allow these charges",
    turnOff: "Turn off",
    change: "Save changes",
    used: (day: string, month: string) => `Bought by it: ${day} today, ${month} this month.`,
    attempts: "What it did",
    attempt: {
      in_flight: "Under way",
      asked: "Your bank wants to hear from you",
      paid: "Bought",
      declined: "Did not go through",
      lapsed: "Not paid in time",
    } as Record<string, string>,
    payNow: "Pay now",
    problem: "From 100 tokens; the day’s limit at least the amount, the month’s at least the day’s.",
  },
  alerts: {
    title: "Tell me",
    low: "Tell me when my tokens are below",
    lowHint: "Held tokens included. Once, until you were above it again. Empty is never.",
  },
  limits: {
    title: "Stop me",
    lead: "A start or an extension that could go beyond is refused. What runs is never cut off. Days, weeks and months in UTC.",
    limit: (period: string) => `Most I spend ${PERIODS[period]}`,
    alert: (period: string) => `Tell me when I have spent ${IN_PERIOD[period]}`,
    used: (spent: string, held: string, resets: string) => `${spent} spent, ${held} held now. Begins anew ${resets}.`,
    hint: "Empty is no limit.",
    app: (name: string) => `In ${name} alone`,
    remove: "Remove",
  },
  notifications: {
    title: "News for you",
    none: "Nothing new.",
    read: "Mark as read",
    all: (count: string) => (count === "1" ? "To your news" : `All ${count} news`),
    say: enNews,
  },
};
export type AutomaticMessages = typeof enAutomatic;
