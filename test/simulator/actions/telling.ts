// Webhooks on their way out: receivers that are down, slow to recover or gone, endpoints switched off and on, events asked for
// again, and a queue whose messages come twice, late or never.

import { WEBHOOK_EVENT_TYPES } from "../../../sdk/src/protocol/webhooks.ts";
import { Crashed } from "../faults.ts";
import type { Dice } from "../dice.ts";
import type { App } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import { perWorld, type Area } from "./action.ts";

const MINUTE = "* * * * *";
/** Longer than the longest wait between two attempts (domain/webhooks/schedule.ts). */
const LONGEST_WAIT = 27 * 60 * 60;
/** What waits behind a receiver that was down for long steps aside for ten minutes (domain/webhooks/delivery-store.ts). */
const ASIDE = 11 * 60;
/** What is older may have been cleared away. */
const LOOKED_AT_MS = 3 * 24 * 60 * 60 * 1000;

interface Endpoint {
  id: string;
  app: App;
  origin: string;
}
const endpointsOf = perWorld<Endpoint[]>(() => []);

async function register(world: World, app: App): Promise<void> {
  const origin = `https://receiver-${app.index}.example.com`;
  await world.ask<{ webhook?: { id: string } }>(
    { path: "/v1/provider/webhooks", bearer: async () => app.key, body: { url: `${origin}/in`, events: ["*"] } },
    ({ status, body }) => {
      if (status === 201) endpointsOf(world).push({ id: body.webhook!.id, app, origin });
    },
  );
}

async function receiverChanges(world: World, dice: Dice): Promise<void> {
  const { origin } = dice.pick(endpointsOf(world));
  world.receivers.set(origin, dice.pick([204, 204, 500, 503, 302, "breaks"] as const));
}

async function goneForGood(world: World, dice: Dice): Promise<void> {
  world.receivers.set(dice.pick(endpointsOf(world)).origin, 410);
}

async function switchIt(world: World, dice: Dice): Promise<void> {
  const { id, app, origin } = dice.pick(endpointsOf(world));
  const enabled = dice.chance(0.7);
  if (enabled && world.receivers.get(origin) === 410) world.receivers.set(origin, 204);
  await world.call("PATCH", `/v1/provider/webhooks/${id}`, app.key, { enabled }, world.newKey());
}

async function askAgain(world: World, dice: Dice): Promise<void> {
  const { id, app } = dice.pick(endpointsOf(world));
  await world.ask(
    {
      path: `/v1/provider/webhooks/${id}/replay`,
      bearer: async () => app.key,
      body: { since: new Date(world.now - 3_600_000).toISOString(), includeDelivered: dice.chance(0.3) },
    },
    () => undefined,
  );
}

/** A message of the queue, or the one after it, or none of them, comes; perhaps two consumers at once. */
async function queueTurns(world: World, dice: Dice): Promise<void> {
  const fate = dice.below(10);
  if (fate === 0) return void world.queue.splice(0);
  if (world.queue.length > 0 && fate < 8) world.queue.splice(dice.below(world.queue.length), 1);
  await Promise.all(Array.from({ length: dice.pick([1, 1, 2]) }, () => world.deliverHint()));
}

interface Delivery {
  webhookId: string;
  eventId: string;
  status: string;
  appId: string | null;
}
const DELIVERIES = `SELECT d.webhook_id AS webhookId, d.outbox_id AS eventId, d.status, o.provider_id AS appId
  FROM deliveries d LEFT JOIN outbox o ON o.id = d.outbox_id`;
const TYPES = WEBHOOK_EVENT_TYPES.map((type) => `'${type}'`).join();
/** What was fanned out and is owed to an endpoint without a delivery being there for it. */
const FORGOTTEN = `SELECT o.id, w.id AS webhookId FROM outbox o JOIN webhooks w ON w.provider_id = o.provider_id
  LEFT JOIN sessions s ON s.id = o.session_id LEFT JOIN deliveries d ON d.webhook_id = w.id AND d.outbox_id = o.id
  WHERE o.fanned_at IS NOT NULL AND o.type IN (${TYPES}) AND coalesce(s.mode, 'live') = w.mode AND w.created_at < o.fanned_at
    AND d.outbox_id IS NULL AND o.fanned_at > ?`;

function checkDeliveries(world: World): void {
  const forgotten = world.database.read(FORGOTTEN, world.now - LOOKED_AT_MS);
  if (forgotten.length > 0) throw new Violation(`owed to an endpoint and not on its way: ${JSON.stringify(forgotten)}`);
  const endpoints = new Map(endpointsOf(world).map((endpoint) => [endpoint.id, endpoint]));
  for (const { webhookId, eventId, status, appId } of world.database.read<Delivery>(DELIVERIES)) {
    const endpoint = endpoints.get(webhookId);
    if (!endpoint) continue;
    const say = (what: string): never => {
      throw new Violation(`event ${eventId} to ${endpoint.origin}: ${what}`);
    };
    if (appId !== endpoint.app.id) say("of another app");
    const told = world.told.get(`${endpoint.origin} ${eventId}`);
    if (status === "delivered" && !told?.taken) say("delivered, and its receiver never took it");
    if (told && told.bodies.size > 1) say("told in two ways");
    if (status !== "pending" && !world.seen.has(`${eventId} ${status}`)) world.count(`delivery ${status}`);
    if (status !== "pending") world.seen.add(`${eventId} ${status}`);
  }
}

const OUT_OF_LINE = `SELECT session_id AS id, count(*) AS events, max(sequence) AS last FROM outbox
  WHERE session_id IN (SELECT id FROM sessions WHERE created_at > ?) GROUP BY session_id HAVING count(*) <> max(sequence) OR count(DISTINCT sequence) <> count(*)`;
/** Of each session that ran and was settled: it began once, ended once, was settled once. */
const NOT_ONCE = `SELECT s.id, sum(o.type = 'session.started') AS started,
    sum(o.type IN ('session.completed', 'session.failed')) AS ended, sum(o.type = 'session.settled') AS settled,
    sum(o.type = 'session.extended') AS extended, (SELECT count(*) FROM extensions WHERE session_id = s.id) AS extensions
  FROM sessions s LEFT JOIN outbox o ON o.session_id = s.id
  WHERE s.settled_at IS NOT NULL AND s.started_at IS NOT NULL AND s.created_at > ?
  GROUP BY s.id HAVING started <> 1 OR ended <> 1 OR settled <> 1 OR extended <> extensions`;

function checkEvents(world: World): void {
  const since = world.now - LOOKED_AT_MS;
  const wrong = [...world.database.read(OUT_OF_LINE, since), ...world.database.read(NOT_ONCE, since)];
  if (wrong.length > 0) throw new Violation(`events that do not tell what happened: ${JSON.stringify(wrong)}`);
}

export const telling: Area = {
  name: "telling",
  actions: [
    { name: "receiver changes", weight: 5, run: receiverChanges },
    { name: "receiver is gone", weight: 1, run: goneForGood },
    { name: "switch endpoint", weight: 2, run: switchIt },
    { name: "ask for events again", weight: 2, run: askAgain },
    { name: "queue turns", weight: 10, run: queueTurns },
  ],

  async prepare(world) {
    for (const app of world.apps) await register(world, app);
  },

  check: checkDeliveries,

  async checkAtEnd(world) {
    checkEvents(world);
    for (const { origin } of endpointsOf(world)) world.receivers.set(origin, 204);
    const waiting = () =>
      world.database.read(
        `SELECT d.outbox_id AS id, d.attempts, d.last_error AS error, d.due_at - ? AS dueIn, w.open_until - ? AS openFor
         FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.status = 'pending' AND w.enabled = 1`,
        world.now,
        world.now,
      );
    for (let round = 0; round < 8 && waiting().length > 0; round++) {
      world.jump(round === 0 ? LONGEST_WAIT : ASIDE);
      try {
        await world.cron(MINUTE);
        await world.finishWork();
      } catch (error) {
        if (!(error instanceof Crashed)) throw error;
      }
    }
    if (waiting().length > 0) throw new Violation(`never delivered: ${JSON.stringify(waiting())}`);
    checkDeliveries(world);
  },
};
