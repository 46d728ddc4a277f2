// Promotion codes as operators make them and buyers enter them.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { PURCHASE_MAX_TOKENS } from "../money.ts";
import { readSettings } from "../settings/read-settings.ts";
import { bundleRanges, neverLoses, type Bundle, type MarginSettings } from "./bundles.ts";
import type { Promotion } from "./price-purchase.ts";
import {
  findCode,
  insertCode,
  listCodes,
  stopCode,
  type PromotionCode,
  type PromotionLimit,
} from "./promotion-store.ts";

const CODES_SHOWN_MAX = 200;

/** How a code is looked up, however it was typed. */
export const normalCode = (typed: string): string => typed.trim().toUpperCase();

/**
 * The promotion behind a code that can be used now. How often it was used is judged when the order is made.
 * @throws DomainError `promotion_not_valid`, the same for unknown, stopped, ended and not begun, so that codes cannot be
 *   found by trying.
 */
export async function readPromotion(db: D1Database, typed: string, now: Millis): Promise<Promotion> {
  const found = await findCode(db, normalCode(typed));
  if (!found || found.stoppedAt !== null || now < found.startsAt || now >= found.endsAt) throw notValid();
  return found;
}

export function limitReached(limit: PromotionLimit): DomainError {
  switch (limit) {
    case "promotion_over":
      return notValid();
    case "promotion_used_up":
      return new DomainError("promotion_not_valid", "This code has been used as often as it can be.");
    case "promotion_used_before":
      return new DomainError("promotion_not_valid", "You have used this code as often as one person can.");
  }
}

const notValid = (): DomainError =>
  new DomainError("promotion_not_valid", "This code is not valid now. Check how it is written, or buy without it.");

export interface NewPromotion {
  code: string;
  discountBasisPoints: number;
  bonusTokens: number;
  bonusDays: number;
  tokensMin: number;
  usesMax: number;
  usesPerPersonMax: number;
  startsAt: Millis | null;
  endsAt: Millis;
}

/**
 * Make a code. Its size and its limits are fixed; it can only be stopped.
 * @throws DomainError `promotion_exists`; `invalid_request` when it could lose money on some purchase it allows.
 */
export async function makePromotion(
  db: D1Database,
  it: NewPromotion & { userId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ promotion: PromotionView }> {
  const { claim, userId, ...given } = it;
  if ((await findCode(db, given.code)) !== null)
    throw new DomainError("promotion_exists", `There is a code ${given.code} already. Choose another name.`);
  if (codeCouldLose(given, await readSettings(db, now)))
    throw new DomainError(
      "invalid_request",
      "This code could lose money on purchases it allows. Give less, or ask for a larger purchase.",
      { errors: [{ field: given.bonusTokens > 0 ? "bonusTokens" : "discountBasisPoints", message: "gives too much" }] },
    );
  const code = { ...given, startsAt: given.startsAt ?? now, createdBy: userId, createdAt: now };
  const answer = { promotion: viewOf({ ...code, stoppedAt: null, uses: 0 }) };
  await db.batch([insertCode(db, code), ...(await recordAnswer(db, claim, { status: 201, body: answer }, now))]);
  return answer;
}

/** Whether some purchase the code is allowed for would lose, with the discount its size has by itself. */
export function codeCouldLose(
  code: Pick<Promotion, "discountBasisPoints" | "bonusTokens" | "tokensMin">,
  settings: MarginSettings & { bundles: readonly Bundle[] },
): boolean {
  const ranges = bundleRanges([{ tokens: 1, discountBasisPoints: 0 }, ...settings.bundles]);
  return ranges
    .filter(({ to }) => to >= code.tokensMin && to <= PURCHASE_MAX_TOKENS)
    .some(
      ({ from, to, discountBasisPoints }) =>
        !neverLoses(
          { from: Math.max(from, code.tokensMin), to },
          {
            discountBasisPoints: Math.max(discountBasisPoints, code.discountBasisPoints),
            bonusTokens: code.bonusTokens,
          },
          settings,
        ),
    );
}

/** Stop a code: orders made with it before keep it. Stopping it twice is fine. @throws DomainError `not_found` */
export async function stopPromotion(
  db: D1Database,
  typed: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ promotion: PromotionView }> {
  const found = await findCode(db, normalCode(typed));
  if (!found) throw new DomainError("not_found", "There is no such code.");
  const answer = { promotion: viewOf({ ...found, stoppedAt: found.stoppedAt ?? now }) };
  await db.batch([
    stopCode(db, found.code, now),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

export const listPromotions = async (db: D1Database): Promise<{ promotions: PromotionView[] }> => ({
  promotions: (await listCodes(db, CODES_SHOWN_MAX)).map(viewOf),
});

const viewOf = (it: PromotionCode) => ({
  code: it.code,
  discountBasisPoints: it.discountBasisPoints,
  bonusTokens: it.bonusTokens,
  bonusDays: it.bonusDays,
  tokensMin: it.tokensMin,
  usesMax: it.usesMax,
  usesPerPersonMax: it.usesPerPersonMax,
  uses: it.uses,
  startsAt: iso(it.startsAt),
  endsAt: iso(it.endsAt),
  stoppedAt: isoOrNull(it.stoppedAt),
  createdBy: it.createdBy,
  createdAt: iso(it.createdAt),
});
export type PromotionView = ReturnType<typeof viewOf>;
