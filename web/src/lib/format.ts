// Numbers, money, durations and moments as people read them. Plain functions over Intl; the only place that formats.

import { TOKEN_CENTS } from "../../../domain/money.ts";

export interface Format {
  /** "1,240": whole tokens, no unit. */
  count(value: number): string;
  /** "+1,240" or "−500". */
  signed(value: number): string;
  /** What whole tokens cost at list price: "$12.40". */
  money(tokens: number): string;
  /** Real money, in cents: "$242.50". */
  cents(amount: number): string;
  /** A price in tokens that may have decimals, as a decimal string: "0.05". */
  decimal(value: string | number): string;
  /** An average of stars: "4.3". */
  rating(value: number): string;
  /** The money beside a decimal token price, with as many digits as it needs: "$0.0005". */
  moneyOfDecimal(tokens: string | number): string;
  /** 2000 basis points: "20%". */
  percent(basisPoints: number): string;
  /** "1 h 12 min", "4 min 05 s", "38 s". */
  duration(seconds: number): string;
  /** "14:02" today, "3 Nov, 14:02" otherwise. */
  moment(iso: string): string;
  /** "3 min ago". */
  ago(iso: string, nowMs: number): string;
  /** "26 Nov 2026", of a UTC day such as "2026-11-26". */
  day(date: string): string;
  /** "Mon, 30 Nov", of a moment; where the year is plain. */
  weekday(iso: string): string;
  /** A month "2026-11" as "November 2026". */
  month(month: string): string;
  /** "14:02". */
  time(iso: string | number): string;
}

const MINUS = "\u2212";

export function createFormat(language: string): Format {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const fraction = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });
  const stars = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const currency = new Intl.NumberFormat(language, { style: "currency", currency: "USD" });
  const fineCurrency = new Intl.NumberFormat(language, {
    style: "currency",
    currency: "USD",
    maximumFractionDigits: 6,
  });
  const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 });
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  const weekday = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short" });
  const months = new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  return {
    count: (value) => whole.format(value),
    signed: (value) => (value > 0 ? `+${whole.format(value)}` : value < 0 ? `${MINUS}${whole.format(-value)}` : "0"),
    money: (tokens) => currency.format((tokens * TOKEN_CENTS) / 100).replace("-", MINUS),
    cents: (amount) => currency.format(amount / 100).replace("-", MINUS),
    decimal: (value) => fraction.format(Number(value)),
    rating: (value) => stars.format(value),
    moneyOfDecimal: (tokens) => fineCurrency.format((Number(tokens) * TOKEN_CENTS) / 100),
    percent: (basisPoints) => share.format(basisPoints / 10_000),
    duration: (seconds) => formatDuration(seconds),
    moment: (value) => (isToday(value) ? clock : day).format(new Date(value)),
    ago: (value, nowMs) => formatAgo(relative, Date.parse(value), nowMs),
    day: (value) => date.format(new Date(`${value}T00:00:00Z`)),
    weekday: (value) => weekday.format(new Date(value)),
    month: (value) => months.format(new Date(`${value}-01`)),
    time: (value) => clock.format(new Date(value)),
  };
}

/** Hours from one hour up, minutes from one minute up; seconds only where they still matter (under ten minutes). */
export function formatDuration(totalSeconds: number): string {
  const seconds = Math.max(0, Math.floor(totalSeconds));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes >= 10) return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
  if (minutes > 0) return rest > 0 ? `${minutes} min ${String(rest).padStart(2, "0")} s` : `${minutes} min`;
  return `${rest} s`;
}

function isToday(iso: string): boolean {
  const then = new Date(iso);
  const now = new Date();
  return then.toDateString() === now.toDateString();
}

function formatAgo(relative: Intl.RelativeTimeFormat, thenMs: number, nowMs: number): string {
  const seconds = Math.round((thenMs - nowMs) / 1000);
  const size = Math.abs(seconds);
  if (size < 60) return relative.format(0, "minute");
  if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}
