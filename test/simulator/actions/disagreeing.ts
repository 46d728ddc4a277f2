// The two-sided meter: pages that saw less than was reported, providers that show evidence, people who accept or contest it,
// operators who decide, and time that decides the rest.

import { findDiscrepancies } from "../../../domain/ledger/store.ts";
import { d1 } from "../database.ts";
import type { Dice } from "../dice.ts";
import { Crashed, Faults } from "../faults.ts";
import { METERS } from "../inhabitants.ts";
import type { Run } from "../model.ts";
import { Violation, type World } from "../world.ts";
import type { Area } from "./action.ts";

const TOKENS_EACH = { time: 0, both: 5, reported: 1 } as const;
const DAY = 24 * 60 * 60;
/** Longer than evidence, contest and decision together may take. */
const EVERYTHING_IS_DUE = 40 * DAY;

const unitsOf = (world: World, run: Run, keys?: readonly string[]): number =>
  world.database
    .read<{ key: string; units: number }>(
      "SELECT key, units_micro / 1000000 AS units FROM usage_reports WHERE session_id = ?",
      run.id,
    )
    .reduce((sum, { key, units }) => sum + (!keys || keys.includes(key) ? units : 0), 0);

/** The page ends the session and says what it saw: all, some or none of what was reported. */
async function endWithFigures(world: World, dice: Dice): Promise<void> {
  const open = world.runs.filter((run) => run.sessionToken && !run.settled && METERS[run.app.kind]);
  if (open.length === 0) return;
  const used = open.filter((it) => unitsOf(world, it) > 0);
  const run = dice.pick(used.length > 0 ? used : open);
  const seen = dice.chance(0.2) ? 1_000 : dice.below(unitsOf(world, run) + 1);
  (run.figures ??= []).push(seen);
  // When it ended is not what is looked at here.
  run.isDoubtful = true;
  run.maybe.push({ kind: "end", by: "page", at: world.now });
  const observed = { [METERS[run.app.kind]!]: seen };
  await world.call("POST", "/v1/provider/sessions/sync", run.sessionToken, { action: "complete", observed });
  if (dice.chance(0.5))
    await world.call("POST", "/v1/provider/sessions/sync", run.app.key, {
      action: "complete",
      sessionId: run.id,
      final: true,
    });
}

/** A slice nobody has decided, and its run. */
function disputed(world: World, dice: Dice, status: string): Run | null {
  const rows = world.database.read<{ id: string }>(
    "SELECT session_id AS id FROM slices WHERE status = ? ORDER BY session_id",
    status,
  );
  if (rows.length === 0) return null;
  const { id } = dice.pick(rows);
  return world.runs.find((run) => run.id === id) ?? null;
}

async function show(world: World, dice: Dice): Promise<void> {
  const run = disputed(world, dice, "open");
  if (!run) return;
  const keys = world.database
    .read<{ key: string }>("SELECT key FROM usage_reports WHERE session_id = ? ORDER BY key", run.id)
    .map(({ key }) => key)
    .filter(() => dice.chance(0.6));
  if (keys.length === 0) return;
  run.maybeShown = keys;
  const records = keys.map((idempotencyKey) => ({ idempotencyKey, detail: "done" }));
  await world.ask(
    { path: `/v1/provider/slices/${run.id}/evidence`, bearer: async () => run.app.key, body: { records } },
    () => undefined,
  );
}

async function answer(world: World, dice: Dice): Promise<void> {
  const run = disputed(world, dice, dice.pick(["open", "shown", "shown"]));
  if (!run) return;
  const what = dice.pick(["accept", "contest"]);
  const body = what === "contest" ? { text: "I saw less." } : {};
  await world.ask({ path: `/v1/sessions/${run.id}/slice/${what}`, bearer: run.person.token, body }, () => undefined);
}

async function decide(world: World, dice: Dice): Promise<void> {
  const run = disputed(world, dice, "contested");
  if (!run) return;
  const body = { decision: dice.pick(["provider", "person"]), reason: "looked at it" };
  await world.ask(
    { path: `/v1/operator/slices/${run.id}/decide`, bearer: world.people[0]!.operatorToken, body },
    () => undefined,
  );
}

interface Decided {
  id: string;
  tokens: number;
  outcome: string | null;
  charged: number;
  activeSeconds: number;
  used: number;
  openedAt: number;
  closedAt: number | null;
}
const SLICES = `SELECT z.session_id AS id, z.tokens, z.outcome, z.charged_tokens AS charged, s.active_seconds AS activeSeconds,
    c.used_tokens AS used, z.opened_at AS openedAt, z.closed_at AS closedAt
  FROM slices z JOIN sessions s ON s.id = z.session_id JOIN closings c ON c.session_id = z.session_id ORDER BY z.session_id`;

const byHand = ({ app, scale }: Run, activeSeconds: number, units: number): number =>
  Math.ceil((scale * ((app.kind === "reported" ? 0 : activeSeconds) + 10 * TOKENS_EACH[app.kind] * units)) / 10);

function checkSlice(world: World, run: Run, it: Decided): void {
  const say = (what: string): never => {
    throw new Violation(`slice of ${run.id} (${run.app.kind}, ${it.outcome ?? "open"}): ${what}`);
  };
  const reported = unitsOf(world, run);
  const price = (units: number) => byHand(run, it.activeSeconds, units);
  const seen = (run.figures ?? []).find((units) => units < reported && price(units) === it.used);
  if (seen === undefined) return say(`settled ${it.used}, which no page figure of ${run.figures?.join()} comes to`);
  if (it.tokens !== price(reported) - price(seen)) say(`holds ${it.tokens}, by hand ${price(reported) - price(seen)}`);
  const shown = price(Math.max(seen, unitsOf(world, run, run.maybeShown ?? []))) - price(seen);
  const most = { no_evidence: 0, not_decided: 0, uncontested: shown, decided: it.tokens, accepted: it.tokens };
  if (it.outcome && it.charged > most[it.outcome as keyof typeof most])
    say(`charged ${it.charged}, at the most ${most[it.outcome as keyof typeof most]}`);
  if (it.outcome === "uncontested" && it.charged !== shown) say(`charged ${it.charged}, shown ${shown}`);
  if (it.outcome === "no_evidence" && it.closedAt! < it.openedAt + 3 * DAY * 1000) say("closed before 72 h were over");
}

function checkSlices(world: World): void {
  for (const slice of world.database.read<Decided>(SLICES)) {
    const run = world.runs.find(({ id }) => id === slice.id);
    if (!run) throw new Violation(`a slice of an unknown session ${slice.id}`);
    checkSlice(world, run, slice);
    if (slice.outcome) world.count(`slice ${slice.outcome}`);
  }
}

export const disagreeing: Area = {
  name: "disagreeing",
  actions: [
    { name: "end with figures", weight: 3, run: endWithFigures },
    { name: "show evidence", weight: 2, run: show },
    { name: "answer evidence", weight: 2, run: answer },
    { name: "decide slice", weight: 1, run: decide },
  ],

  check: checkSlices,

  async checkAtEnd(world) {
    const isWaiting = () => world.database.read("SELECT session_id FROM slices WHERE status <> 'closed'").length > 0;
    if (!isWaiting()) return;
    world.jump(EVERYTHING_IS_DUE);
    try {
      await world.cron("* * * * *");
      await world.cron("* * * * *");
      await world.deliverHint();
      await world.finishWork();
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
    }
    if (isWaiting()) throw new Violation("a slice is held for longer than its time");
    const held = world.database.read("SELECT id, held FROM wallets WHERE held <> 0");
    if (held.length > 0) throw new Violation(`still held: ${JSON.stringify(held)}`);
    const findings = await findDiscrepancies(d1(world.database, new Faults(), 1));
    if (findings.length > 0) throw new Violation(`the books: ${JSON.stringify(findings.slice(0, 5))}`);
    checkSlices(world);
  },
};
