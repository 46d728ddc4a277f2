// What a history is made of. An area of the marketplace brings its actions, what must hold for it after every step, and
// what must have come of it when all has calmed down; `areas.ts` lists the areas.

import type { Dice } from "../dice.ts";
import type { World } from "../world.ts";

export interface Action {
  name: string;
  /** How often it comes, against the others. */
  weight: number;
  /** Everything it chooses comes from `dice`, so that it stays the same when other steps are left out. */
  run(world: World, dice: Dice): Promise<void>;
}

export interface Area {
  name: string;
  actions: Action[];
  /** Before the first step, when nothing goes wrong yet. */
  prepare?(world: World, dice: Dice): Promise<void>;
  /** @throws Violation after any step that broke a promise. */
  check?(world: World): Promise<void> | void;
  /** The world has calmed down: nothing fails any more, time has passed, everything lost was sent again. */
  checkAtEnd?(world: World): Promise<void> | void;
}

/** What an area remembers of one history. */
export function perWorld<Kept>(make: () => Kept): (world: World) => Kept {
  const known = new WeakMap<World, Kept>();
  return (world) => {
    if (!known.has(world)) known.set(world, make());
    return known.get(world)!;
  };
}
