// The areas a history is drawn from. A new area of money registers here. Each history plays what always happens and a few of
// the others, so that more areas make no history longer.

import type { Area } from "./actions/action.ts";
import { beating } from "./actions/beating.ts";
import { buying } from "./actions/buying.ts";
import { disagreeing } from "./actions/disagreeing.ts";
import { givingBack } from "./actions/giving-back.ts";
import { leaving } from "./actions/leaving.ts";
import { passing } from "./actions/passing.ts";
import { paying } from "./actions/paying.ts";
import { pricing } from "./actions/pricing.ts";
import { promoting } from "./actions/promoting.ts";
import { renewing } from "./actions/renewing.ts";
import { subscribing } from "./actions/subscribing.ts";
import { telling } from "./actions/telling.ts";
import { toppingUp } from "./actions/topping-up.ts";
import { using } from "./actions/using.ts";
import { Dice } from "./dice.ts";

const ALWAYS: readonly Area[] = [buying, using, beating, passing];
const SOMETIMES: readonly Area[] = [
  disagreeing,
  givingBack,
  paying,
  toppingUp,
  promoting,
  subscribing,
  renewing,
  pricing,
  telling,
  leaving,
];
const AT_ONCE = [1, 2, 2, 3] as const;
/** So that it depends on the seed in another way than the steps do. */
const SALT = 0x5eed;

export const AREAS = [...ALWAYS, ...SOMETIMES];
export const ACTIONS = AREAS.flatMap(({ actions }) => actions);

/** Some areas meet each other in one history, in another some others. */
export function areasOf(seed: number): Area[] {
  const dice = new Dice(seed ^ SALT);
  const left = [...SOMETIMES];
  const chosen = Array.from({ length: dice.pick(AT_ONCE) }, () => left.splice(dice.below(left.length), 1)[0]!);
  return [...ALWAYS, ...SOMETIMES.filter((area) => chosen.includes(area))];
}

/** Those that these actions are of. */
export const areasWith = (actions: readonly string[]): Area[] =>
  AREAS.filter((area) => ALWAYS.includes(area) || area.actions.some(({ name }) => actions.includes(name)));
