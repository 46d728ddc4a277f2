// The areas a history is drawn from. A new area of money registers here.

import type { Area } from "./actions/action.ts";
import { buying } from "./actions/buying.ts";
import { disagreeing } from "./actions/disagreeing.ts";
import { givingBack } from "./actions/giving-back.ts";
import { passing } from "./actions/passing.ts";
import { paying } from "./actions/paying.ts";
import { subscribing } from "./actions/subscribing.ts";
import { using } from "./actions/using.ts";

export const AREAS: readonly Area[] = [buying, using, disagreeing, givingBack, paying, subscribing, passing];
export const ACTIONS = AREAS.flatMap(({ actions }) => actions);
