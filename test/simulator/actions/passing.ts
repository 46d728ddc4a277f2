// Time passes, crons run, queues deliver, objects leave memory, and clients whose answer was lost ask again.

import { verifyReceipts, type Jwks } from "../../../sdk/src/receipts/verify.ts";
import { Violation } from "../world.ts";
import type { Area } from "./action.ts";

const MINUTE = "* * * * *";
const HOUR = "17 * * * *";

export const passing: Area = {
  name: "passing",
  actions: [
    { name: "wait", weight: 8, run: (world, dice) => world.pass(dice.pick([1, 10, 60, 100, 200, 400, 2_000])) },
    {
      name: "jump",
      weight: 2,
      run: async (world, dice) => world.jump(dice.pick([60, 600, 4_000, 50_000, 100_000])),
    },
    { name: "minute", weight: 6, run: (world) => world.cron(MINUTE) },
    { name: "hour", weight: 2, run: (world) => world.cron(HOUR) },
    {
      name: "hint",
      weight: 3,
      run: async (world, dice) => {
        if (world.queue.length > 0 && dice.chance(0.8)) world.queue.splice(dice.below(world.queue.length), 1);
        await world.deliverHint();
      },
    },
    {
      name: "forget",
      weight: 2,
      run: async (world, dice) => {
        const { names } = world.sessions;
        if (names.length === 0) return;
        world.sessions.evict(dice.pick(names));
        // A beat younger than five seconds is kept in memory only.
        world.doubtRunning();
      },
    },
    {
      name: "ask again",
      weight: 6,
      run: async (world, dice) => {
        if (world.unanswered.length === 0) return;
        const [asked] = world.unanswered.splice(dice.below(world.unanswered.length), 1);
        await asked!.again();
      },
    },
    {
      name: "receipts",
      weight: 2,
      run: async (world, dice) => {
        const person = dice.pick(world.people);
        const token = await person.token();
        const { status, body } = await world.call<{ receipts: { signed: string }[] }>("GET", "/v1/receipts", token);
        if (status !== 200 || body.receipts.length === 0) return;
        const keys = (await world.call<Jwks>("GET", "/.well-known/receipt-keys.json", null)).body;
        if (!Array.isArray(keys?.keys)) return;
        const text = body.receipts.map(({ signed }) => signed).join("\n");
        const { isGenuine, receipts } = await verifyReceipts(text, keys);
        if (!isGenuine) throw new Violation(`receipts: ${JSON.stringify(receipts.map(({ problem }) => problem))}`);
      },
    },
  ],

  check(world) {
    const gaps = world.database.read(
      `SELECT s.id FROM sessions s LEFT JOIN receipts r ON r.session_id = s.id
       WHERE s.settled_at IS NOT NULL AND s.mode = 'live' AND r.seq IS NULL
       UNION ALL SELECT wallet_id FROM receipts GROUP BY wallet_id HAVING max(seq) <> count(*)`,
    );
    if (gaps.length > 0) throw new Violation(`receipts missing or out of line: ${JSON.stringify(gaps)}`);
  },

  checkAtEnd(world) {
    const left = world.database.read(
      "SELECT 'receipt' AS what, session_id AS id FROM receipts WHERE jws IS NULL UNION ALL SELECT type, id FROM outbox WHERE fanned_at IS NULL",
    );
    if (left.length > 0) throw new Violation(`left behind: ${JSON.stringify(left)}`);
  },
};
