// Which words and number formats the current page uses. Made once per load in the layouts, read everywhere by context. The
// signed-in pages have words of their own, loaded with them.

import { getContext, setContext } from "svelte";
import { createFormat, type Format } from "./format.ts";
import type { AppMessages } from "./locales/en-app.ts";
import type { EarningsMessages } from "./locales/en-earnings.ts";
import type { HomeMessages } from "./locales/en-home.ts";
import type { OperatorMessages } from "./locales/en-operator.ts";
import { en, type Messages } from "./locales/en.ts";
import type { Language } from "./preferences.ts";

export interface I18n<Words = Messages> {
  language: Language;
  t: Words;
  f: Format;
}
export type AppI18n = I18n<Messages & AppMessages>;
export type EarningsI18n = I18n<Messages & AppMessages & { earnings: EarningsMessages }>;
export type HomeI18n = I18n<EarningsI18n["t"] & { ownApp: HomeMessages }>;
export type OperatorI18n = I18n<Messages & AppMessages & OperatorMessages>;

export async function loadI18n(language: Language): Promise<I18n> {
  const t = language === "de" ? (await import("./locales/de.ts")).de : en;
  return { language, t, f: createFormat(language === "en" ? "en-US" : language) };
}

/** The frame's words and those of the signed-in pages. */
export async function loadAppI18n(frame: I18n): Promise<AppI18n> {
  const words =
    frame.language === "de" ? (await import("./locales/de-app.ts")).deApp : (await import("./locales/en-app.ts")).enApp;
  return { ...frame, t: { ...frame.t, ...words } };
}

/** Those and the words of the operators' pages. */
export async function loadOperatorI18n(app: AppI18n): Promise<OperatorI18n> {
  const words =
    app.language === "de"
      ? (await import("./locales/de-operator.ts")).deOperator
      : (await import("./locales/en-operator.ts")).enOperator;
  return { ...app, t: { ...app.t, ...words } };
}

/** Those of the signed-in pages and of earnings, which no other page needs. */
export async function loadEarningsI18n(app: AppI18n): Promise<EarningsI18n> {
  const earnings =
    app.language === "de"
      ? (await import("./locales/de-earnings.ts")).deEarnings
      : (await import("./locales/en-earnings.ts")).enEarnings;
  return { ...app, t: { ...app.t, earnings } };
}

/** Those and of a provider's home. */
export async function loadHomeI18n(app: AppI18n): Promise<HomeI18n> {
  const [earnings, ownApp] = await Promise.all([
    loadEarningsI18n(app),
    app.language === "de"
      ? import("./locales/de-home.ts").then(({ deHome }) => deHome)
      : import("./locales/en-home.ts").then(({ enHome }) => enHome),
  ]);
  return { ...earnings, t: { ...earnings.t, ownApp } };
}

const FRAME = Symbol("frame words");
const APP = Symbol("app words");
const OPERATOR = Symbol("operator words");
const EARNINGS = Symbol("earnings words");
const HOME = Symbol("home words");
/** Getters, because the language can change while the page stands. */
export const provideI18n = (read: () => I18n): unknown => setContext(FRAME, read);
export const provideAppI18n = (read: () => AppI18n): unknown => setContext(APP, read);
export const provideOperatorI18n = (read: () => OperatorI18n): unknown => setContext(OPERATOR, read);
export const provideEarningsI18n = (read: () => EarningsI18n): unknown => setContext(EARNINGS, read);
/** The provider's home has those of earnings, too. */
export const provideHomeI18n = (read: () => HomeI18n): void => {
  provideEarningsI18n(read);
  setContext(HOME, read);
};
export const useI18n = (): (() => I18n) => getContext<() => I18n>(FRAME);
/** Only below the signed-in layout. */
export const useAppI18n = (): (() => AppI18n) => getContext<() => AppI18n>(APP);
/** Only below the operators' layout. */
export const useOperatorI18n = (): (() => OperatorI18n) => getContext<() => OperatorI18n>(OPERATOR);
/** Only on the earnings page. */
export const useEarningsI18n = (): (() => EarningsI18n) => getContext<() => EarningsI18n>(EARNINGS);
/** Only on the pages about one's own apps. */
export const useHomeI18n = (): (() => HomeI18n) => getContext<() => HomeI18n>(HOME);
