// Sessions: started, worked in, paused, reported on, extended and ended by whoever may, through any crash.

import type { SessionState } from "../../../sdk/src/protocol/session.ts";
import type { Dice } from "../dice.ts";
import { METERS, type Person } from "../inhabitants.ts";
import type { Run } from "../model.ts";
import { charged, chargeable } from "../slow-meter.ts";
import { Violation, type World } from "../world.ts";
import type { Area } from "./action.ts";
import { beat, command, isWhole, running, sync } from "./commands.ts";

/** What a minute is shown to cost at the most, at the price an app begins with. */
const MINUTE_SHOWN = { time: 6, both: 7, reported: 2 } as const;
/** Prices are this many times the first one (actions/pricing.ts). */
const SCALES = [1, 2, 3];

export async function create(
  world: World,
  dice: Dice,
  [person, app] = [dice.pick(world.people), dice.pick(world.apps)],
): Promise<void> {
  const durationMinutes = dice.pick([5, 20, 60]);
  const isExtending = dice.chance(0.15);
  const body = { providerId: app.id, durationMinutes, ...(isExtending && { autoExtendMinutes: 5 }) };
  await world.ask<{ session: { id: string; redirectUrl: string; tokensAllocated: number } }>(
    { path: "/v1/sessions/create", bearer: person.token, body },
    ({ status, body: { session } }) => {
      if (status !== 200 || world.runs.some(({ id }) => id === session.id)) return;
      const scale = session.tokensAllocated / (MINUTE_SHOWN[app.kind] * durationMinutes);
      const consented = isExtending ? scale * (app.kind === "both" ? 35 : 30) : 0;
      if (!SCALES.includes(scale)) throw new Violation(`session ${session.id}: ${session.tokensAllocated} were shown`);
      world.runs.push({
        id: session.id,
        person,
        app,
        shownMost: session.tokensAllocated + consented,
        consented,
        scale,
        launchToken: new URL(session.redirectUrl).searchParams.get("marketplace_session")!,
        nonce: `nonce-${session.id}`,
        sessionToken: null,
        startedAt: null,
        durations: [{ at: 0, seconds: durationMinutes * 60 }],
        commands: [],
        maybe: [],
        isDoubtful: isExtending,
        isExtensionOpen: false,
        reported: new Map(),
        settled: false,
      });
    },
  );
  if (dice.chance(0.85)) await redeem(world, world.runs.at(-1));
}

async function redeem(world: World, run: Run | undefined): Promise<void> {
  if (!run || run.startedAt !== null) return;
  const { status, body } = await sync(world, run.launchToken, { action: "start", nonce: run.nonce });
  if (status !== 200) return;
  run.sessionToken = body.sessionToken ?? null;
  run.startedAt = Date.parse(body.session.startedAt!);
  if (!isWhole(run.startedAt)) run.isDoubtful = true;
}

/** A page in use: a beat every 30 s or somewhat more, now and then without anybody at it. */
async function work(world: World, dice: Dice): Promise<void> {
  const run = running(world, dice);
  if (!run?.sessionToken) return;
  for (let beats = dice.between(1, 14); beats > 0; beats--) {
    await world.pass(dice.pick([1, 5, 20, 30, 30, 31]));
    await beat(world, run, dice.chance(0.75));
  }
}

async function pauseOrResume(world: World, dice: Dice): Promise<void> {
  const run = running(world, dice);
  if (!run) return;
  const isPaused = run.commands.findLast(({ kind }) => kind === "pause" || kind === "resume")?.kind === "pause";
  const kind = dice.chance(0.8) === isPaused ? "resume" : "pause";
  const by = dice.pick(["user", "page", "provider"] as const);
  if (by === "page" && !run.sessionToken) return;
  await command(world, run, { kind, by }, async () => {
    if (by === "user") return world.call("POST", `/v1/sessions/${run.id}/${kind}`, await run.person.token(), {});
    if (by === "page") return sync(world, run.sessionToken!, { action: kind });
    return sync(world, run.app.key, { action: kind, sessionId: run.id });
  });
}

async function report(world: World, dice: Dice): Promise<void> {
  const run = running(world, dice);
  const meter = run && METERS[run.app.kind];
  if (!run || !meter) return;
  const units = meter === "scene" ? dice.between(1, 3) : dice.between(1, 15);
  const key = dice.chance(0.15) ? dice.pick([...run.reported.keys(), "r0"]) : `r${world.newKey()}`;
  const measured = meter === "token" ? { amount: units } : { meter, units };
  await world.ask<{ status?: string; code?: string }>(
    {
      path: "/v1/provider/tokens/report",
      bearer: async () => run.app.key,
      body: { sessionId: run.id, ...measured, idempotencyKey: key },
    },
    ({ status, body }) => {
      if (status === 200) run.reported.set(key, units);
      // What ran out may end it a moment later, at a time the reference does not know.
      if (body?.code === "tokens_depleted") run.isDoubtful = true;
    },
  );
}

async function extend(world: World, dice: Dice): Promise<void> {
  const run = running(world, dice);
  if (!run) return;
  const at = world.now;
  run.isExtensionOpen = true;
  await world.ask<{ session: SessionState }>(
    {
      path: `/v1/sessions/${run.id}/extend`,
      bearer: run.person.token,
      body: { minutes: dice.pick([5, 30]) },
    },
    ({ status, body }) => {
      run.isExtensionOpen = false;
      if (status !== 200) return;
      if (world.now !== at) run.isDoubtful = true;
      run.durations.push({ at, seconds: body.session.durationSeconds });
      // The extension they agreed to at the start may come on top of the one they ask for.
      run.shownMost = Math.max(run.shownMost, body.session.tokensAllocated + run.consented);
    },
  );
}

async function end(world: World, dice: Dice): Promise<void> {
  const run = running(world, dice);
  if (!run) return;
  const who = dice.below(10);
  const by = who < 6 ? "user" : who < 8 ? "page" : "provider";
  if (by === "page" && !run.sessionToken) return;
  await command(world, run, { kind: "end", by }, async () => {
    if (by === "user") return world.call("POST", `/v1/sessions/${run.id}/complete`, await run.person.token(), {});
    if (by === "page") return sync(world, run.sessionToken!, { action: "complete" });
    const reason = dice.chance(0.3) ? { reason: "provider_error" } : {};
    return sync(world, run.app.key, { action: "complete", sessionId: run.id, final: dice.chance(0.5), ...reason });
  });
}

/** A visit from the click to the person's own end: half a minute or a few. */
export async function visit(world: World, dice: Dice, person: Person, app = dice.pick(world.apps)): Promise<void> {
  const before = world.runs.length;
  await create(world, dice, [person, app]);
  const run = world.runs[before];
  if (!run) return;
  await redeem(world, run);
  if (!run.sessionToken) return;
  for (let beats = dice.between(1, 4); beats > 0; beats--) {
    await world.pass(30);
    await beat(world, run, true);
  }
  await command(world, run, { kind: "end", by: "user" }, async () =>
    world.call("POST", `/v1/sessions/${run.id}/complete`, await person.token(), {}),
  );
}

async function endByOperator(world: World, dice: Dice): Promise<void> {
  const run = running(world, dice);
  if (!run) return;
  const token = await world.people[0]!.operatorToken();
  await command(world, run, { kind: "end", by: "provider" }, () =>
    world.call("POST", `/v1/operator/sessions/${run.id}/end`, token, { reason: "admin_ended" }, world.newKey()),
  );
}

async function look(world: World, dice: Dice): Promise<void> {
  const run = world.runs.length === 0 ? null : dice.pick(world.runs);
  if (!run) return;
  await world.call("GET", `/v1/sessions/${run.id}`, await run.person.token());
}

/** `used` is all that was priced: charged at once, or held as a disputed slice. */
interface Settled {
  id: string;
  status: string;
  reason: string;
  startedAt: number | null;
  endedAt: number;
  activeSeconds: number;
  used: number;
  held: number;
  reported: number;
  durationSeconds: number;
}
const SETTLED = `SELECT s.id, s.status, s.end_reason AS reason, s.started_at AS startedAt, s.ended_at AS endedAt,
    s.active_seconds AS activeSeconds, s.consumed_tokens + coalesce((SELECT z.tokens - z.charged_tokens FROM slices z WHERE z.session_id = s.id), 0) AS used, s.held_tokens AS held, s.duration_seconds AS durationSeconds,
    (SELECT coalesce(sum(r.units_micro), 0) / 1000000.0 FROM usage_reports r WHERE r.session_id = s.id) AS reported
  FROM sessions s WHERE s.settled_at IS NOT NULL AND s.id = ?`;

/** What it costs by hand: a token each ten seconds, five a scene, tokens as reported; rounded up once. */
function priceByHand({ app, scale }: Run, { reason, activeSeconds, reported }: Settled): number {
  if (reason === "provider_error" || reason === "never_started") return 0;
  const time = app.kind === "reported" ? 0 : activeSeconds;
  const each = { time: 0, both: 5, reported: 1 }[app.kind];
  return Math.ceil((scale * (time + 10 * each * reported)) / 10);
}

function checkSettled(run: Run, session: Settled): void {
  const { used, activeSeconds } = session;
  const say = (what: string): never => {
    throw new Violation(`session ${run.id} (${run.app.kind}, ${session.reason}): ${what}`);
  };
  if (used > session.held) say(`charged ${used}, held ${session.held}`);
  if (!run.isExtensionOpen && used > run.shownMost) say(`charged ${used}, shown at the most ${run.shownMost}`);
  const byHand = priceByHand(run, session);
  if (used !== byHand) say(`charged ${used} for ${activeSeconds} s and ${session.reported} units, by hand ${byHand}`);
  if (session.startedAt === null) return;
  const life = { startedAt: session.startedAt, endedAt: session.endedAt, durations: run.durations };
  if (!run.isDoubtful) {
    const exact = charged(life, run.commands);
    if (activeSeconds !== exact) say(`${activeSeconds} s billed, the slow meter says ${exact}`);
  } else if (!run.isExtensionOpen) {
    // Consented to at the start, an extension comes at a moment the person does not know.
    const durations = [...run.durations, { at: session.endedAt, seconds: session.durationSeconds }];
    const most = chargeable({ ...life, durations }, run.maybe);
    if (activeSeconds > most) say(`${activeSeconds} s billed, somebody was there for ${most} at the most`);
  }
}

export const using: Area = {
  name: "using",
  actions: [
    { name: "create", weight: 12, run: (world, dice) => create(world, dice) },
    { name: "redeem", weight: 2, run: (world, dice) => redeem(world, world.runs[dice.below(world.runs.length || 1)]) },
    { name: "work", weight: 12, run: work },
    { name: "pause or resume", weight: 10, run: pauseOrResume },
    { name: "report", weight: 8, run: report },
    { name: "extend", weight: 4, run: extend },
    { name: "end", weight: 6, run: end },
    { name: "end by operator", weight: 1, run: endByOperator },
    { name: "look", weight: 2, run: look },
  ],

  check(world) {
    atMost(world, "SELECT count(*) AS n FROM sessions", world.asked.get("/v1/sessions/create"), "sessions");
    for (const run of world.runs) {
      if (run.settled) continue;
      const [row] = world.database.read<{ settled: number | null }>(
        "SELECT settled_at AS settled FROM sessions WHERE id = ?",
        run.id,
      );
      if (!row) throw new Violation(`session ${run.id} was confirmed and is not in the books`);
      checkReports(world, run);
      if (row.settled === null) continue;
      run.settled = true;
      world.count(`settled ${run.startedAt === null ? "unstarted" : run.isDoubtful ? "with doubt" : "exactly"}`);
      checkSettled(run, world.database.read<Settled>(SETTLED, run.id)[0]!);
    }
  },

  checkAtEnd(world) {
    const open = world.database.read("SELECT id, status FROM sessions WHERE settled_at IS NULL");
    if (open.length > 0) throw new Violation(`never settled: ${JSON.stringify(open)}`);
    const held = world.database.read(
      `SELECT id, held FROM wallets WHERE held <>
         (SELECT coalesce(sum(tokens - reserved_tokens), 0) FROM slices WHERE wallet_id = wallets.id AND status <> 'closed')`,
    );
    if (held.length > 0) throw new Violation(`still held: ${JSON.stringify(held)}`);
  },
};

function atMost(world: World, sql: string, most: number | undefined, what: string): void {
  const found = world.database.read<{ n: number }>(sql)[0]!.n;
  if (found > (most ?? 0)) throw new Violation(`${found} ${what} for ${most ?? 0} requests`);
}

function checkReports(world: World, run: Run): void {
  if (run.reported.size === 0) return;
  const rows = new Map(
    world.database
      .read<{ key: string; units: number }>(
        "SELECT key, units_micro / 1000000.0 AS units FROM usage_reports WHERE session_id = ?",
        run.id,
      )
      .map(({ key, units }) => [key, units]),
  );
  for (const [key, units] of run.reported)
    if (rows.get(key) !== units)
      throw new Violation(`session ${run.id}: report ${key} of ${units} was accepted, in the books ${rows.get(key)}`);
}
