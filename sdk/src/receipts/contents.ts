// Whether what a receipt says holds together: its intervals leave no gap, its seconds and tokens add up. A receipt we
// signed always passes; the checks are here so that nobody has to take our word for it.

import type { ReceiptDocument } from "../protocol/receipt.ts";

/** Decimal text is added exactly, with as many places as a price can have. */
const PLACES = 24;

/** @returns the first thing that does not hold, in words, or null. */
export function contentsProblem(it: ReceiptDocument): string | null {
  return shapeProblem(it) ?? intervalsProblem(it) ?? tokensProblem(it);
}

function shapeProblem(it: ReceiptDocument): string | null {
  if (it.version !== 1) return "it is of a version this program does not know";
  const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  const { tokens, time } = it;
  const numbers = [it.iat, it.number, it.corrects ?? 0, ...Object.values(tokens ?? {}), ...Object.values(time ?? {})];
  if (!numbers.every(isWhole) || Object.keys(tokens ?? {}).length < 6) return "a number is missing or not whole";
  if (!Array.isArray(it.intervals) || !Array.isArray(it.lines) || !Array.isArray(it.extensions))
    return "a list is missing";
  if (typeof it.chain !== "string" || (it.previous !== null && typeof it.previous !== "string"))
    return "its place in the chain is missing";
  return null;
}

function intervalsProblem({ session, intervals, time }: ReceiptDocument): string | null {
  if (session.startedAt === null)
    return intervals.length > 0 || time.activeSeconds > 0 ? "it never started and yet was used" : null;
  let at = Date.parse(session.startedAt);
  let activeMs = 0;
  let pausedSeconds = 0;
  for (const { kind, from, to } of intervals) {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    if (start !== at || !(end >= start)) return "its active and paused times leave a gap or overlap";
    if (kind === "active") activeMs += end - start;
    else pausedSeconds += Math.floor((end - start) / 1000);
    at = end;
  }
  if (at !== Date.parse(session.endedAt)) return "its active and paused times do not reach its end";
  const isPaidInFull = session.fixedDuration && ["time_expired", "user_ended"].includes(session.endReason);
  const ran = Math.min(session.durationSeconds, Math.floor(activeMs / 1000));
  if (time.activeSeconds !== (isPaidInFull ? session.durationSeconds : ran))
    return "its active seconds are not what its active times add up to";
  if (time.pausedSeconds !== pausedSeconds || time.autoPausedSeconds > pausedSeconds)
    return "its paused seconds are not what its paused times add up to";
  return null;
}

function tokensProblem({ tokens, lines, price, extensions }: ReceiptDocument): string | null {
  if (tokens.used + tokens.returned + (tokens.disputed ?? 0) !== tokens.held)
    return "used and returned tokens are not what was held";
  const { used, included = 0, reserved = 0 } = tokens;
  if (reserved > tokens.held || included !== Math.min(reserved, used))
    return "what the plan included is not what it had set aside";
  const charged = used - included;
  if (tokens.providerShare + tokens.platformFee !== charged) return "share and fee are not what was charged";
  const rebate = tokens.rebate ?? 0;
  const gross = used + rebate;
  const percent = (amount: number) => Math.floor((amount * price.feeBasisPoints) / 10_000);
  const fee = percent(gross);
  if (tokens.platformFee !== feeOfCharged(fee - rebate)) return "the fee is not the percentage it says";
  if (rebate !== Math.floor((fee * (price.feeRebateBasisPoints ?? 0)) / 10_000))
    return "the rebate is not the percentage it says";
  // Of what is charged beside a plan; where the fee has a rebate, that part of the whole fee.
  function feeOfCharged(whole: number): number {
    if (charged === used) return whole;
    return rebate > 0 || price.feeRebateBasisPoints ? Math.floor((whole * charged) / used) : percent(charged);
  }
  if (extensions.reduce((sum, { heldTokens }) => sum + heldTokens, 0) > tokens.held)
    return "its extensions held more than was held in all";
  const exact = lines.map(({ amount }) => scaled(amount));
  if (exact.some((amount) => amount === null)) return "an amount is not a decimal number";
  const sum = exact.reduce<bigint>((total, amount) => total + amount!, 0n);
  const one = 10n ** BigInt(PLACES);
  if (gross !== Number((sum + one - 1n) / one)) return "the tokens used are not what its lines add up to";
  return null;
}

function scaled(text: string): bigint | null {
  const match = /^(\d+)(?:\.(\d{1,24}))?$/.exec(text);
  return match && BigInt(match[1]! + (match[2] ?? "").padEnd(PLACES, "0"));
}
