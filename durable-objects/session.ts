// One metered session's object: the only clock. It serialises commands, keeps every fact in its own SQLite, and carries
// what the clock says to D1. Rules live in domain/sessions; here is what happens in which order.
//
// Contract section 3, "Order of writes"; developers.cloudflare.com/durable-objects/api/alarms/ (alarms run at least once).

import { DurableObject } from "cloudflare:workers";
import { START_REPLAY_SECONDS, type EndReason, type SessionState } from "../sdk/src/protocol/session.ts";
import { wallClock, type Millis } from "../domain/clock.ts";
import type { IdempotencyClaim } from "../domain/idempotency.ts";
import { hasTimeComponent } from "../domain/pricing/components.ts";
import { ok, refuse, type Result } from "../domain/result.ts";
import { clockRules } from "../domain/sessions/clock-rules.ts";
import { closeUnstarted, type KnownUsage } from "../domain/sessions/close-session.ts";
import { SETTLE_RETRY_SECONDS } from "../domain/sessions/limits.ts";
import * as clock from "../domain/sessions/meter.ts";
import type { Meter } from "../domain/sessions/meter-state.ts";
import type { Step } from "../domain/sessions/meter.ts";
import type { Session } from "../domain/sessions/row.ts";
import { startSession, type Launch } from "../domain/sessions/start-session.ts";
import { readAccount } from "../domain/sessions/store.ts";
import { comparable, laterObserved } from "../domain/sessions/two-sides.ts";
import { signSessionToken } from "../domain/sessions/tokens.ts";
import { rowView, runningView } from "../domain/sessions/view.ts";
import { hintWebhooksFrom } from "../workers/consumers/hint.ts";
import { areLimitsOff, type Env } from "../workers/env.ts";
import { ledgerWriter } from "../workers/ledger-writer.ts";
import { actorOf, isParty, type Caller } from "./caller.ts";
import type { SessionAnswer, StartAnswer } from "./session-answer.ts";
import { PageSockets } from "./page-sockets.ts";
import {
  askingForMore,
  holdForMore,
  isAutoExtensionDue,
  lengthened,
  lostExtension,
  refusedMore,
} from "./session-extension.ts";
import { nextAlarm, postponed, relayQueued, settleWhenDue, storeStep } from "./session-steps.ts";
import { emptyRecord, SessionStore, type SessionRecord } from "./session-store.ts";

const NOT_FOUND = refuse("session_not_found", "There is no such session.");

export class MeteredSession extends DurableObject<Env> {
  // A cache of the stored record; `undefined` until the first touch after waking up.
  #record: SessionRecord | undefined;
  #line: Promise<unknown> = Promise.resolve();
  #store = new SessionStore(this.ctx.storage.sql);
  #pages = new PageSockets(this.ctx);
  // Set when D1 could not be reached, for the alarm that is armed at the end of the same command.
  #retryAt: Millis | null = null;

  // Commands -----------------------------------------------------------------------------------------------------

  /**
   * Redeem the launch token: pending -> active, once. The same nonce hears the same answer for 60 s (a lost reply).
   * Refusals: `launch_token_used`, `launch_token_expired`, `session_not_found`, `session_closed`.
   */
  start(launch: Launch, nonce: string): Promise<Result<StartAnswer>> {
    return this.#serial(async () => {
      const now = wallClock();
      const record = this.#load() ?? emptyRecord();
      const earlier = record.redemption;
      if (earlier && (earlier.nonce !== nonce || now - earlier.at > START_REPLAY_SECONDS * 1000))
        return refuse(
          "launch_token_used",
          "This launch link was already used. Start the session again on the marketplace.",
        );
      const redemption = earlier ?? { jti: launch.jti, nonce, at: now };
      if (!record.session) {
        this.#record = { ...record, redemption };
        const started = await startSession(this.env.DB, ledgerWriter(this.env).start, launch, now);
        if (!started.ok) return started;
        await this.#adopt(started.value, { reports: 0, usedMicro: {} }, now);
      } else if (!earlier) this.#save({ ...record, redemption });
      const session = this.#record!.session!;
      return ok({
        ...(await this.#answer(now)),
        sessionToken: await signSessionToken(this.env, session, session.startedAt!),
      });
    });
  }

  /** A sign of life. Refuses `session_expired` once the session is over, `heartbeat_needs_page` to a server where time is paid. */
  beat(
    caller: Caller,
    active: boolean,
    actedSecondsAgo = 0,
    observed?: Record<string, number>,
  ): Promise<Result<SessionAnswer>> {
    return this.#command(
      caller,
      { onlyOpen: true, observed },
      (meter, now) =>
        this.#attested(caller) ?? clock.beat(meter, now, active, now - Math.round(actedSecondsAgo * 1000)),
    );
  }

  pause(caller: Caller, observed?: Record<string, number>): Promise<Result<SessionAnswer>> {
    return this.#command(caller, { onlyOpen: true, observed }, (meter, now) =>
      meter.isFixed
        ? refuse("fixed_duration", "A fixed duration was agreed to: its clock cannot be paused. It can be ended.")
        : clock.pause(meter, now, actorOf(caller)),
    );
  }

  /** Refuses `user_pause_only`: a pause made on the marketplace is lifted only by the person, there. */
  resume(caller: Caller): Promise<Result<SessionAnswer>> {
    return this.#command(caller, { onlyOpen: true }, (meter, now) => {
      const refusal = this.#attested(caller);
      if (refusal) return refusal;
      if (!clock.mayResume(clock.advance(meter, now).meter, actorOf(caller)))
        return refuse(
          "user_pause_only",
          "The person paused this session on the marketplace; only they can resume it there.",
        );
      return clock.resume(meter, now, actorOf(caller));
    });
  }

  /**
   * End the session and settle it: at once, or 15 s later where reports may still come and `final` is not said. Ending an
   * ended session answers its state. One that never started is closed as `never_started`.
   */
  end(
    caller: Caller,
    reason: EndReason,
    final: boolean,
    observed?: Record<string, number>,
  ): Promise<Result<SessionAnswer>> {
    return this.#command(caller, { final, closes: true, observed }, (meter, now) => clock.end(meter, now, reason));
  }

  /** Hold tokens for more time, then raise the limit. `claim` makes a repeat answer the first result. */
  extend(caller: Caller, seconds: number, claim: IdempotencyClaim | null): Promise<Result<SessionAnswer>> {
    return this.#serial(async () => {
      const now = wallClock();
      const known = await this.#wake(caller, now);
      if (!known) return NOT_FOUND;
      await this.#tick(now);
      if (!this.#record!.meter || this.#record!.ending)
        return refuse("session_closed", "This session is not running, so it cannot be extended.");
      return this.#extend(seconds, false, claim, now);
    });
  }

  /** State now, and the balance once settled. Changes nothing but what the clock itself is due. */
  snapshot(caller: Caller): Promise<Result<SessionAnswer>> {
    return this.#command(caller, {}, (meter, now) => clock.advance(meter, now));
  }

  /** What was reported so far, for the running figure; D1 stays the truth. */
  async noteUsage(usage: KnownUsage): Promise<void> {
    const record = this.#load();
    if (!record?.session || record.settled || usage.reports <= record.usage.reports) return;
    this.#save({
      ...record,
      usage: { reports: usage.reports, usedMicro: { ...record.usage.usedMicro, ...usage.usedMicro } },
    });
    this.#pages.tell(this.#view(wallClock()));
  }

  /** Every reported meter has run out. Where time is paid for too, the session goes on. */
  async depleted(caller: Caller): Promise<void> {
    await this.#command(caller, {}, (meter, now) =>
      hasTimeComponent(this.#record!.session!.components) ? clock.advance(meter, now) : clock.deplete(meter, now),
    );
  }

  /** Look at the clock and finish what is due. Safe to run any number of times. */
  override async alarm(): Promise<void> {
    await this.#serial(async () => {
      const now = wallClock();
      const record = this.#load();
      if (!record?.session) return;
      try {
        if (record.settled && !(await this.#relay())) return await this.#forget();
        await this.#learnExtension(now);
        await this.#tick(now);
        if (isAutoExtensionDue(this.#record!)) await this.#extend(record.session.autoExtendSeconds, true, null, now);
        await this.#arm(now);
      } catch (error) {
        // The platform gives up after six tries, so this never throws: it says so, and is woken again.
        this.#complain("session alarm failed", error);
        await this.ctx.storage.setAlarm(now + SETTLE_RETRY_SECONDS * 1000);
      }
    });
  }

  // The page's live socket ---------------------------------------------------------------------------------------

  /** WebSocket upgrade; the route has checked the token, the origin and that it is this session's. */
  override async fetch(request: Request): Promise<Response> {
    const answer = await this.beat({ sessionId: request.headers.get("X-Session-Id")!, by: "page" }, false);
    if (!answer.ok) return Response.json({ code: answer.code, detail: answer.message }, { status: 409 });
    const upgraded = this.#pages.accept(answer.value.session);
    await this.#serial(() => this.#armForPages(wallClock()));
    return upgraded;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const sessionId = this.#load()?.session?.id;
    if (!sessionId) return;
    await this.#pages.hear(socket, message, wallClock(), {
      isLimited: !areLimitsOff(this.env),
      beat: ({ active, actedSecondsAgo, observed }) =>
        this.beat({ sessionId, by: "page" }, active, actedSecondsAgo, observed),
    });
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    await this.#keepLastAnswer(socket);
    socket.close();
  }

  override webSocketError(socket: WebSocket): Promise<void> {
    return this.#keepLastAnswer(socket);
  }

  /** A socket that goes takes the platform's note of its last answer along, and time is billed until then. */
  #keepLastAnswer(closing: WebSocket): Promise<void> {
    return this.#serial(async () => {
      this.#noteAutomaticAnswers(closing);
      const meter = this.#record?.meter;
      if (meter) this.#store.writeMeter(meter);
    });
  }

  // Steps ----------------------------------------------------------------------------------------------------------

  /** One at a time, across every await. */
  #serial<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#line.then(work, work);
    this.#line = run.catch(() => undefined);
    return run;
  }

  #load(): SessionRecord | undefined {
    this.#record ??= this.#store.read() ?? undefined;
    return this.#record;
  }

  #save(record: SessionRecord): void {
    this.#store.write(record);
    this.#record = { ...record, storedMeter: record.meter };
  }

  #command(
    caller: Caller,
    options: { onlyOpen?: boolean; final?: boolean; closes?: boolean; observed?: Record<string, number> | undefined },
    decide: (meter: Meter, now: Millis) => Step | Result<never>,
  ): Promise<Result<SessionAnswer>> {
    return this.#serial(async () => {
      const now = wallClock();
      const known = await this.#wake(caller, now);
      if (!known) return NOT_FOUND;
      if (!this.#record!.meter) return this.#answerWithoutClock(known, options, now);
      this.#noteAutomaticAnswers();
      if (options.observed && caller.by === "page") this.#observe(options.observed, now);
      const step = decide(this.#record!.meter!, now);
      if ("ok" in step) return step;
      await this.#apply(step, now, options.final ?? false);
      if (options.onlyOpen && this.#record!.ending) return this.#over(now);
      return ok(await this.#answer(now));
    });
  }

  /** What the page says it saw counts until the settlement; it is evidence, never a charge by itself. */
  #observe(unitsMicro: Record<string, number>, now: Millis): void {
    const record = this.#record!;
    const known = comparable(record.session!, unitsMicro);
    if (record.settled || Object.keys(known).length === 0) return;
    this.#save({ ...record, observed: laterObserved(record.observed ?? null, known, now) });
  }

  /** A session that has not started, or was settled long ago: its row in D1 is all there is. */
  async #answerWithoutClock(
    known: Known,
    options: { onlyOpen?: boolean; closes?: boolean },
    now: Millis,
  ): Promise<Result<SessionAnswer>> {
    const { session, available } = known;
    if (session.settledAt === null && options.onlyOpen)
      return refuse("session_not_started", "This session has not started yet.");
    if (session.settledAt === null && options.closes) {
      const account = await closeUnstarted(this.env.DB, ledgerWriter(this.env).close, session, now);
      return ok({ session: rowView(account.session, now), balance: account.available });
    }
    if (options.onlyOpen) return this.#expired(rowView(session, now));
    return ok({ session: rowView(session, now), balance: session.settledAt === null ? null : available });
  }

  async #over(now: Millis): Promise<Result<never>> {
    return this.#expired((await this.#answer(now)).session);
  }

  #expired(session: SessionState): Result<never> {
    const redirectUrl = `${this.env.WEB_ORIGIN}/session/complete?session_id=${session.id}`;
    return refuse("session_expired", "This session is over; what was not used has come back.", {
      session,
      redirectUrl,
    });
  }

  /** For apps with a time component presence is attested by the page: a server can neither beat nor resume. */
  #attested(caller: Caller): Result<never> | null {
    if (caller.by !== "provider" || !hasTimeComponent(this.#record!.session!.components)) return null;
    return refuse(
      "heartbeat_needs_page",
      "Time is paid for in this app, so only the person's page can beat or resume.",
    );
  }

  /** The stored session; from D1 on the first touch, which is also the recovery after a crash between D1 and here. */
  async #wake(caller: Caller, now: Millis): Promise<Known | null> {
    const stored = this.#load()?.session;
    if (stored) {
      if (!isParty(stored, caller)) return null;
      await this.#learnExtension(now);
      return { session: this.#record!.session!, available: null };
    }
    const account = await readAccount(this.env.DB, caller.sessionId);
    if (!account || !isParty(account.session, caller)) return null;
    const { session } = account;
    if (session.startedAt !== null && session.settledAt === null)
      await this.#adopt(session, { reports: session.reports, usedMicro: account.usedMicro }, now);
    else this.#record ??= emptyRecord();
    return { session, available: account.available };
  }

  /** Take a started session over: the clock runs from its start, where it was also last seen. */
  async #adopt(session: Session, usage: KnownUsage, now: Millis): Promise<void> {
    const meter = clock.startMeter(session.startedAt!, session.durationSeconds, clockRules(session));
    this.#save({ ...(this.#load() ?? emptyRecord()), session, meter, usage });
    if (session.endedAt !== null) await this.#apply(clock.end(meter, session.endedAt, session.endReason!), now, false);
    await this.#arm(now);
    this.#hint();
  }

  async #tick(now: Millis): Promise<void> {
    this.#noteAutomaticAnswers();
    const { meter } = this.#record!;
    if (meter) await this.#apply(clock.advance(meter, now), now, false);
  }

  /** Automatic WebSocket answers came while the object slept; their times are liveness. */
  #noteAutomaticAnswers(closing?: WebSocket): void {
    const record = this.#load();
    if (!record?.meter) return;
    const meter = clock.seenAt(record.meter, this.#pages.lastAutomaticAnswer(closing));
    if (meter !== record.meter) this.#record = { ...record, meter };
  }

  /** Store the step, then tell the pages and D1. Nothing is announced that is not stored. */
  async #apply(step: Step, now: Millis, final: boolean): Promise<void> {
    const before = this.#record!;
    const changed = step.transitions.length > 0 || final;
    this.#record = storeStep(this.#store, before, step, now, final);
    if (!changed && !this.#record.settlement) return;
    await this.#deliver(now);
    this.#pages.tell(this.#view(now), this.#record.settled);
    await this.#arm(now);
  }

  /** Carry to D1 what must be there: queued events, the end, the settlement. A failure is left to the alarm. */
  async #deliver(now: Millis): Promise<void> {
    try {
      await this.#relay();
      const { record, available } = await settleWhenDue(this.env.DB, ledgerWriter(this.env).close, this.#record!, now);
      if (record === this.#record) return;
      this.#save(record);
      this.#available = available;
      this.#hint();
    } catch (error) {
      this.#complain("session not carried to D1, will be tried again", error);
      const { record, retryAt } = postponed(this.#record!, now);
      this.#save(record);
      this.#retryAt = retryAt;
    }
  }

  /** @returns whether there was anything to carry. */
  async #relay(): Promise<boolean> {
    const carried = await relayQueued(this.env.DB, this.#record!);
    if (carried.length === 0) return false;
    const ids = new Set(carried.map(({ id }) => id));
    const record = this.#record!;
    this.#save({ ...record, queued: record.queued.filter(({ id }) => !ids.has(id)) });
    this.#hint();
    return true;
  }

  async #extend(
    seconds: number,
    automatic: boolean,
    claim: IdempotencyClaim | null,
    now: Millis,
  ): Promise<Result<SessionAnswer>> {
    this.#save(askingForMore(this.#record!, automatic));
    const extended = await holdForMore(this.env, () => this.#record!, { seconds, automatic }, claim, now);
    if (!extended) return NOT_FOUND;
    if (!extended.ok) {
      this.#save(refusedMore(this.#record!));
      return extended;
    }
    const { record, answer } = lengthened(this.#record!, extended.value, now);
    this.#save(record);
    this.#pages.tell(answer.session);
    await this.#arm(now);
    this.#hint();
    return ok(answer);
  }

  /** After an extension whose answer was lost: the limit is what D1 holds tokens for. Before anything that could end it. */
  async #learnExtension(now: Millis): Promise<void> {
    const { meter } = this.#record!;
    const session = await lostExtension(this.env.DB, this.#record!);
    if (!session) return;
    this.#record = { ...this.#record!, session };
    await this.#apply(clock.extend(meter!, now, session.durationSeconds), now, false);
    this.#save({ ...this.#record, isExtending: false });
  }

  /** The one alarm. Once settled, whichever is armed already will do: all that is left is to forget. */
  async #arm(now: Millis): Promise<void> {
    const due = Math.min(nextAlarm(this.#record!, now, this.#pages.areOpen) ?? Infinity, this.#retryAt ?? Infinity);
    this.#retryAt = null;
    if (this.#record!.settled && (await this.ctx.storage.getAlarm()) !== null) return;
    if (due !== Infinity) await this.ctx.storage.setAlarm(due);
  }

  /** From the first page on its answers are to be read in time. What is due before that, such as another try to reach D1, stays. */
  async #armForPages(now: Millis): Promise<void> {
    const due = this.#record && nextAlarm(this.#record, now, this.#pages.areOpen);
    const armed = await this.ctx.storage.getAlarm();
    if (due && (armed === null || due < armed)) await this.ctx.storage.setAlarm(due);
  }

  async #forget(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#store.forget();
    this.#record = undefined;
  }

  #hint(): void {
    hintWebhooksFrom(this.env, (promise) => this.ctx.waitUntil(promise));
  }

  #complain(message: string, error: unknown): void {
    console.error(
      JSON.stringify({
        message,
        sessionId: this.#record?.session?.id,
        error: String((error as Error)?.stack ?? error),
      }),
    );
  }

  // Answers ----------------------------------------------------------------------------------------------------------

  // The balance read by the settlement itself, good for the answer of the command that settled.
  #available: number | null = null;

  #view(now: Millis): SessionState {
    const { session, meter, usage } = this.#record!;
    return runningView(session!, meter!, usage.usedMicro, now);
  }

  async #answer(now: Millis): Promise<SessionAnswer> {
    const { session, settled } = this.#record!;
    if (!settled) return { session: this.#view(now), balance: null };
    const balance = this.#available ?? (await readAccount(this.env.DB, session!.id))?.available ?? null;
    this.#available = null;
    return { session: this.#view(now), balance };
  }
}

interface Known {
  session: Session;
  /** The wallet's balance where D1 was just read. */
  available: number | null;
}
