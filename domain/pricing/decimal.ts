// Exact decimals on BigInt: quantities and prices in steps of 1e-12, amounts (a quantity times a price) in steps of 1e-24.
// Nothing here rounds but `roundUpToTokens`, `nearestDecimal` (for figures that are only shown) and what says "truncated".

/** A quantity or a price number, in units of 1e-12. */
export type Decimal = bigint;
/** Tokens before rounding, in units of 1e-24: the exact product of two decimals. */
export type Amount = bigint;

const DECIMAL_DIGITS = 12;
const AMOUNT_DIGITS = 24;
const DECIMAL_ONE = 10n ** 12n;
const AMOUNT_ONE = 10n ** 24n;
const DECIMAL_PER_MICRO = 10n ** 6n;

/** Decimals of a price number. Ten, so that a percentage divided by 100 is still exact in steps of 1e-12. */
export const PRICE_DIGITS_MAX = 10;
/** Decimals of reported units: the ledger counts them in whole millionths. */
export const UNIT_DIGITS_MAX = 6;
const WHOLE_DIGITS_MAX = 15;

const PLAIN_DECIMAL = /^(\d{1,15})(?:\.(\d{1,12}))?$/;

/**
 * Reads `"12.5"` (or the JSON number 12.5) exactly. No sign, no exponent, no blanks.
 * @returns null when it is not such a decimal, or has more than `digitsMax` decimals.
 */
export function readDecimal(value: unknown, digitsMax: number = DECIMAL_DIGITS): Decimal | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text.length > WHOLE_DIGITS_MAX + DECIMAL_DIGITS + 1) return null;
  const match = PLAIN_DECIMAL.exec(text);
  if (!match) return null;
  const fraction = match[2] ?? "";
  if (fraction.length > digitsMax) return null;
  return BigInt(match[1]!) * DECIMAL_ONE + BigInt(fraction.padEnd(DECIMAL_DIGITS, "0"));
}

/** Reads a decimal that was checked before (a stored price, a literal). */
export function decimal(text: string): Decimal {
  const value = readDecimal(text);
  if (value === null) throw new Error(`not a decimal: ${text}`);
  return value;
}

/** Whole millionths, as the ledger stores reported units, to a decimal; exact. */
export const fromMicro = (micro: number): Decimal => BigInt(micro) * DECIMAL_PER_MICRO;

/**
 * Reported units ("2", 0.5, "1.25") to whole millionths.
 * @returns null when it is not a plain decimal, has more than six decimals, or would not fit a safe integer.
 */
export function readMicro(value: unknown): number | null {
  const units = readDecimal(value, UNIT_DIGITS_MAX);
  if (units === null) return null;
  const micro = Number(units / DECIMAL_PER_MICRO);
  return Number.isSafeInteger(micro) ? micro : null;
}

export const formatMicro = (micro: number): string => formatDecimal(fromMicro(micro));

/** `whole / divisor`, truncated at 1e-12 (contract section 2: quantities are truncated). */
export const truncatedQuotient = (whole: number, divisor: number): Decimal =>
  (BigInt(whole) * DECIMAL_ONE) / BigInt(divisor);

export const times = (quantity: Decimal, price: Decimal): Amount => quantity * price;
export const asAmount = (tokens: Decimal): Amount => tokens * DECIMAL_ONE;
/** `percent` per cent of `base`. Exact, because a price number has at most ten decimals. */
export const percentOf = (base: Decimal, percent: Decimal): Amount => base * (percent / 100n);

/** Rounds up to whole units of a divisor: how many packages of `size` cover `quantity`. */
export const packagesFor = (quantity: Decimal, size: Decimal, round: "up" | "down"): bigint =>
  round === "up" ? (quantity + size - 1n) / size : quantity / size;

/** `whole / divisor` to the nearest step of 1e-12, halves up: to be shown, never to be charged. */
export const nearestDecimal = (whole: Amount, divisor: bigint): Amount =>
  ((2n * whole + divisor * DECIMAL_ONE) / (2n * divisor * DECIMAL_ONE)) * DECIMAL_ONE;

/** The only rounding of money: up to whole tokens, once, at the very end. The remainder is the provider's and platform's. */
export const roundUpToTokens = (amount: Amount): number => Number((amount + AMOUNT_ONE - 1n) / AMOUNT_ONE);

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

export const formatDecimal = (value: Decimal): string => format(value, DECIMAL_DIGITS);
export const formatAmount = (value: Amount): string => format(value, AMOUNT_DIGITS);

/** Reads back what `formatAmount` wrote. */
export function amount(text: string): Amount {
  const match = /^(\d+)(?:\.(\d{1,24}))?$/.exec(text);
  if (!match) throw new Error(`not an amount: ${text}`);
  return BigInt(match[1]!) * AMOUNT_ONE + BigInt((match[2] ?? "").padEnd(AMOUNT_DIGITS, "0"));
}

function format(value: bigint, digits: number): string {
  const padded = value.toString().padStart(digits + 1, "0");
  const fraction = padded.slice(-digits).replace(/0+$/, "");
  return padded.slice(0, -digits) + (fraction && `.${fraction}`);
}
