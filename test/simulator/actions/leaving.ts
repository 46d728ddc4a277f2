// People who delete their account, in the middle of sessions, purchases and plans; and others who come.

import type { Dice } from "../dice.ts";
import { Crashed } from "../faults.ts";
import type { Person } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import { perWorld, type Area } from "./action.ts";
import { somebodyNew } from "./promoting.ts";

interface Left {
  person: Person;
  customerId: string | null;
  at: number;
}
const leftOf = perWorld<Left[]>(() => []);

async function leave(world: World, dice: Dice): Promise<void> {
  // The first one runs the marketplace.
  const others = world.people.slice(1);
  if (others.length < 2) return;
  const person = dice.pick(others);
  const [row] = world.database.read<{ id: string | null }>(
    "SELECT stripe_customer_id AS id FROM users WHERE id = ?",
    person.userId,
  );
  const attempt = async (): Promise<void> => {
    for (const run of world.runs) if (run.person === person && !run.settled) run.isDoubtful = true;
    const body = { email: `person-${person.index}@example.com`, giveUpTokens: true };
    let status = 500;
    try {
      ({ status } = await world.call("POST", "/v1/me/erase", await person.token(), body));
    } catch (error) {
      world.unanswered.push({ what: "leaving", again: attempt });
      throw error;
    }
    if (status >= 500) world.unanswered.push({ what: "leaving", again: attempt });
    // Asked again after it worked, there is nobody any more.
    if (status !== 204 && status !== 401) return;
    world.people = world.people.filter((it) => it !== person);
    leftOf(world).push({ person, customerId: row?.id ?? null, at: world.now });
    world.count("somebody left");
  };
  await attempt();
}

async function come(world: World): Promise<void> {
  try {
    await somebodyNew(world);
  } catch (error) {
    if (error instanceof Crashed) throw error;
  }
}

const NAMED = `SELECT id FROM users WHERE id = ?1 UNION ALL SELECT subject FROM subjects WHERE user_id = ?1
  UNION ALL SELECT id FROM sessions WHERE user_id = ?1 AND settled_at IS NULL`;

export const leaving: Area = {
  name: "leaving",
  actions: [
    { name: "leave", weight: 3, run: leave },
    { name: "come", weight: 2, run: come },
  ],

  check(world) {
    for (const { person, customerId, at } of leftOf(world)) {
      const left = world.database.read<{ id: string }>(NAMED, person.userId);
      if (left.length > 0) throw new Violation(`person ${person.index} has left: ${JSON.stringify(left)}`);
      const charged = world.standin.world.state
        .all("payment_intent")
        .find(
          ({ customer, created, metadata, status }) =>
            customer !== null &&
            customer === customerId &&
            created * 1000 > at &&
            status === "succeeded" &&
            !metadata.order_id,
        );
      if (charged) throw new Violation(`person ${person.index} has left and was charged ${charged.amount}`);
    }
  },
};
