// The two settings of plans and tiers: their shapes and what an operator may put in.

import { refused } from "../settings/kinds.ts";

export interface UserPlan {
  id: string;
  name: string;
  /** Of the platform's fee, given back to the person. */
  feeRebateBasisPoints: number;
}
export interface FeeTier {
  id: string;
  name: string;
  /** What the platform keeps, instead of the standard fee. */
  feeBasisPoints: number;
}

const ENTRIES_MAX = 20;
const ID = /^[a-z][a-z0-9-]{0,39}$/;
const NAME_MAX = 60;

export const readUserPlans = (value: unknown): UserPlan[] =>
  readList(value, "feeRebateBasisPoints").map(({ id, name, basisPoints }) => ({
    id,
    name,
    feeRebateBasisPoints: basisPoints,
  }));
export const readFeeTiers = (value: unknown): FeeTier[] =>
  readList(value, "feeBasisPoints").map(({ id, name, basisPoints }) => ({ id, name, feeBasisPoints: basisPoints }));

function readList(value: unknown, key: string): { id: string; name: string; basisPoints: number }[] {
  if (!Array.isArray(value) || value.length > ENTRIES_MAX) return refused(`must be a list of at most ${ENTRIES_MAX}`);
  const read = value.map((entry: unknown) => {
    const given = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
    const { id, name } = given;
    const basisPoints = given[key];
    if (typeof id !== "string" || !ID.test(id)) return refused("needs an id of small letters, digits and dashes each");
    if (typeof name !== "string" || name.trim() === "" || name.length > NAME_MAX)
      return refused(`needs a name of at most ${NAME_MAX} characters each`);
    if (typeof basisPoints !== "number" || !Number.isInteger(basisPoints) || basisPoints < 0 || basisPoints > 10_000)
      return refused(`needs ${key} from 0 to 10000 each`);
    return { id, name: name.trim(), basisPoints };
  });
  if (new Set(read.map(({ id }) => id)).size !== read.length) return refused("must have each id once");
  return read;
}
