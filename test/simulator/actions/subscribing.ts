// Monthly plans: taken, paid, renewed. What they include is reserved by sessions that run through every other action, so what
// is looked at here is that no term ever gives more than was paid for, and that people pay only for the rest.

import { newId } from "../../../domain/ids.ts";
import { insertPlan } from "../../../domain/subscriptions/store.ts";
import type { Dice } from "../dice.ts";
import type { App, Person } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import { perWorld, type Area } from "./action.ts";
import { create } from "./using.ts";

interface Taken {
  id: string;
  checkoutId: string;
  person: Person;
  app: App;
}
const takenIn = perWorld<Taken[]>(() => []);

async function take(world: World, dice: Dice): Promise<void> {
  const [person, app] = [dice.pick(world.people), dice.pick(world.apps)];
  const planId = newId(world.now);
  // The owner's own request is not what is simulated.
  world.database.run([
    insertPlan(world.env.DB, {
      id: planId,
      providerId: app.id,
      name: "Monthly",
      monthCents: dice.pick([500, 901]),
      includedTokens: dice.pick([40, 150, 1_000]),
      feeBasisPoints: 2_000,
      createdAt: world.now,
      retiredAt: null,
    }) as unknown as { sql: string; values: readonly unknown[] },
  ]);
  await world.ask<{ subscriptionId: string; checkoutUrl: string }>(
    { path: "/v1/subscriptions", bearer: person.token, body: { planId } },
    ({ status, body }) => {
      const checkoutId = status === 200 ? /cs_\w+/.exec(body.checkoutUrl)?.[0] : undefined;
      const taken = takenIn(world);
      if (!checkoutId || taken.some(({ id }) => id === body.subscriptionId)) return;
      taken.push({ id: body.subscriptionId, checkoutId, person, app });
    },
  );
  if (dice.chance(0.8)) await pay(world, dice, takenIn(world).at(-1));
}

async function pay(world: World, dice: Dice, which?: Taken): Promise<void> {
  const taken = takenIn(world);
  const one = which ?? (taken.length > 0 ? dice.pick(taken) : undefined);
  if (!one) return;
  await world.stripe(`/checkout/${one.checkoutId}/pay`, { card: "4242424242424242" });
  // The page they come back to asks Stripe.
  if (dice.chance(0.8)) await world.call("GET", `/v1/subscriptions/${one.id}`, await one.person.token());
  // Often what is paid for is used, sometimes by two sessions at once.
  for (let left = dice.below(3); left > 0; left--) await create(world, dice, [one.person, one.app]);
}

async function renew(world: World, dice: Dice): Promise<void> {
  const living = world.standin.world.state.all("subscription");
  if (living.length > 0) await world.stripe(`/renew/${dice.pick(living).id}`);
}

interface Term {
  id: string;
  granted: number;
  given: number;
}

export const subscribing: Area = {
  name: "subscribing",
  actions: [
    { name: "take a plan", weight: 2, run: take },
    { name: "pay a plan", weight: 1, run: (world, dice) => pay(world, dice) },
    { name: "renew a plan", weight: 1, run: renew },
  ],

  check(world) {
    // Added up from sessions and what was held for them, not from the counters of the term.
    const terms = world.database.read<Term>(
      `SELECT p.id, p.granted_tokens AS granted, coalesce(sum(CASE WHEN s.settled_at IS NULL THEN r.tokens
           ELSE r.used_tokens + r.disputed_tokens END), 0) AS given
       FROM plan_payments p LEFT JOIN plan_reservations r ON r.payment_id = p.id LEFT JOIN sessions s ON s.id = r.session_id
       GROUP BY p.id`,
    );
    for (const { id, granted, given } of terms)
      if (given > granted) throw new Violation(`a month of a plan (${id}) gave ${given} of ${granted} tokens`);
    const wrong = world.database.read(
      `SELECT s.id, s.consumed_tokens AS used, s.included_tokens AS included, coalesce(t.used_tokens, 0) AS charged,
         (SELECT coalesce(sum(h.tokens), 0) FROM holds h WHERE h.session_id = s.id) AS held, s.held_tokens AS most, s.reserved_tokens AS reserved
       FROM sessions s LEFT JOIN settlements t ON t.session_id = s.id LEFT JOIN slices z ON z.session_id = s.id
       WHERE s.mode = 'live' AND (held <> s.held_tokens - s.reserved_tokens OR (s.settled_at IS NOT NULL
         AND charged + coalesce(z.charged_tokens - z.included_tokens, 0) <> s.consumed_tokens - min(s.reserved_tokens, s.consumed_tokens)))`,
    );
    if (wrong.length > 0) throw new Violation(`charged what a plan includes: ${JSON.stringify(wrong)}`);
    for (const { n } of world.database.read<{ n: number }>(
      "SELECT count(*) AS n FROM sessions WHERE included_tokens > 0",
    ))
      for (let i = 0; i < n; i++) countOnce(world, `included ${i}`, "sessions with included use");
  },

  checkAtEnd(world) {
    const kept = world.database.read(
      `SELECT p.id, p.reserved_tokens FROM plan_payments p WHERE p.reserved_tokens <> (
         SELECT coalesce(sum(z.reserved_tokens), 0) FROM slices z WHERE z.status <> 'closed' AND EXISTS (
           SELECT 1 FROM plan_reservations r WHERE r.session_id = z.session_id AND r.payment_id = p.id))`,
    );
    if (kept.length > 0) throw new Violation(`still reserved of a plan: ${JSON.stringify(kept)}`);
  },
};

function countOnce(world: World, key: string, what: string): void {
  if (world.seen.has(key)) return;
  world.seen.add(key);
  world.count(what);
}
