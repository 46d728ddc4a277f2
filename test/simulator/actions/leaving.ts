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
  /** Their purchases that were not paid when they left. */
  unpaid: string[];
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
  let unpaid: string[] = [];
  const attempt = async (): Promise<void> => {
    // Asked again after a lost answer they may be gone already, and what they left then counts.
    if (world.database.read("SELECT id FROM users WHERE id = ?", person.userId).length > 0)
      unpaid = world.database.read<{ id: string }>(UNPAID, person.userId).map(({ id }) => id);
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
    leftOf(world).push({ person, customerId: row?.id ?? null, at: world.now, unpaid });
    world.count("somebody left");
    if (unpaid.length > 0) world.count("somebody left a purchase open");
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

const UNPAID = "SELECT id FROM orders WHERE user_id = ? AND paid_at IS NULL";
const THEIRS = "FROM orders o JOIN json_each(?1) u ON u.value = o.id";
/** What was paid after all is nobody's to spend: it goes back, unless the bank is asked, or will not have it. */
const KEPT = `SELECT o.id, l.remaining ${THEIRS} JOIN lots l ON l.id = o.id
  WHERE l.remaining > 0 AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.order_id = o.id)
    AND NOT EXISTS (SELECT 1 FROM refund_requests r WHERE r.order_id = o.id AND r.status IN ('refused', 'failed'))`;

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

  checkAtEnd(world) {
    for (const { person, unpaid } of leftOf(world)) {
      const orders = JSON.stringify(unpaid);
      for (const { page } of world.database.read<{ page: string | null }>(
        `SELECT o.checkout_id AS page ${THEIRS}`,
        orders,
      ))
        if (page && world.standin.world.state.find("checkout.session", page)?.status === "open")
          throw new Violation(`person ${person.index} has left and can still pay ${page}`);
      const kept = world.database.read(KEPT, orders);
      if (kept.length > 0) throw new Violation(`person ${person.index} has left and paid for ${JSON.stringify(kept)}`);
      if (world.database.read(`SELECT o.id ${THEIRS} WHERE o.paid_at IS NOT NULL`, orders).length > 0)
        world.count("somebody left and had just paid");
    }
  },
};
