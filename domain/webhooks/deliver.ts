// The deliverer: rounds of one D1 call each (delivery-store.ts), and between them the sending, endpoint by endpoint, so that
// a slow one delays nobody else. It runs as long as there is work, and may die at any point: leases run out, nothing is lost.

import type { Millis } from "../clock.ts";
import type { PersonEvent } from "../live/store.ts";
import { attemptDelivery, TIMEOUT_MS, type AttemptSettings } from "./attempt.ts";
import { exchange, type Claim } from "./delivery-store.ts";
import type { DeliveryResult } from "./result-store.ts";

/**
 * Calls at once to one endpoint: few until it has shown that it answers quickly. The platform allows six connections an
 * invocation, and two slow endpoints must leave some for the others.
 */
const CALLS_FIRST = 2;
const CALLS_MAX = 16;
const QUICK_MS = 1_000;
/** Taken per round, and held at most: what a deliverer that dies gives back only after the lease. */
const EVENTS_PER_ROUND = 50;
const CLAIMS_PER_ROUND = 100;
const HELD_MAX = 400;
/** An attempt starts only while the lease outlives its timeout by this. */
const LEASE_RESERVE_MS = 2_000;
/** After a lost connection the rest of that endpoint is given back for so long: its turn costs others no timeout. */
const STEP_ASIDE_MS = 1_000;

export interface DelivererSettings extends AttemptSettings {
  db: D1Database;
  /** Waits between rounds, so that under load a round carries many events and results. Tests pass one that does not. */
  pause: () => Promise<void>;
  /** It stays for what comes due within this time: a first retry then needs no hint, which a queue counts in seconds. */
  stayMs: number;
  /** No new work is taken from then on. */
  stopAt: Millis;
  /** Called before every round; true when a hint came since. */
  isWanted: () => boolean;
  /** Called when there is more than this deliverer takes at once. */
  onMore: () => void;
  /** Hears the events about people with a socket open. */
  onNews?: (news: PersonEvent[]) => void;
}

export interface DeliveryEnd {
  /** It stopped because its time was over, perhaps with work left. */
  isMore: boolean;
  nextDueAt: Millis | null;
}

/**
 * Deliver until nothing is due. Safe to run any number of times at once: each delivery is held by one lease.
 * @throws when D1 does not answer. What was sent but not recorded is then sent again with the same `webhook-id`.
 */
export async function deliverDue(settings: DelivererSettings): Promise<DeliveryEnd> {
  const lanes = new Lanes(settings);
  for (;;) {
    const isWanted = settings.isWanted();
    const now = settings.clock();
    const isStopping = now >= settings.stopAt;
    // The successor shall not wait until all that is held here has had its turn.
    if (isStopping) lanes.giveBackWaiting(now);
    const hasRoom = !isStopping && lanes.held < HELD_MAX;
    const results = lanes.takeResults();
    const round = await exchange(settings.db, {
      results,
      busy: lanes.heldByEndpoint(),
      eventsMax: hasRoom ? EVENTS_PER_ROUND : 0,
      claimsMax: hasRoom ? CLAIMS_PER_ROUND : 0,
      now,
    });
    if (round.isMore) settings.onMore();
    if (round.news.length > 0) settings.onNews?.(round.news);
    lanes.add(round.claims);
    const isDueSoon = round.nextDueAt !== null && round.nextDueAt - now <= settings.stayMs;
    const isDone = isStopping || !(round.isMore || isWanted || isDueSoon);
    if (isDone && lanes.isEmpty) return { isMore: isStopping, nextDueAt: round.nextDueAt };
    // A backlog is taken at once while there is room; one that only steps aside is not worth a hurry.
    if (round.isMore && round.claims.length > 0 && lanes.held < HELD_MAX) continue;
    await settings.pause();
    await lanes.untilResult();
  }
}

/** What is held, one lane an endpoint. A lane stays for the run: it knows how quick its endpoint is. */
class Lanes {
  readonly #settings: AttemptSettings;
  readonly #lanes = new Map<string, { waiting: Claim[]; calls: number; callsMax: number }>();
  #results: DeliveryResult[] = [];
  #wake: () => void = () => {};
  held = 0;

  constructor(settings: AttemptSettings) {
    this.#settings = settings;
  }

  add(claims: Claim[]): void {
    for (const claim of claims) {
      const lane = this.#lanes.get(claim.webhookId) ?? { waiting: [], calls: 0, callsMax: CALLS_FIRST };
      this.#lanes.set(claim.webhookId, lane);
      lane.waiting.push(claim);
      this.held++;
    }
    for (const webhookId of this.#lanes.keys()) this.#advance(webhookId);
  }

  heldByEndpoint(): Record<string, number> {
    const held = [...this.#lanes].map(([id, lane]) => [id, lane.waiting.length + lane.calls] as const);
    return Object.fromEntries(held.filter(([, count]) => count > 0));
  }

  /** Nothing is out, and nothing is left to record. */
  get isEmpty(): boolean {
    return this.held === 0 && this.#results.length === 0;
  }

  takeResults(): DeliveryResult[] {
    const results = this.#results;
    this.#results = [];
    return results;
  }

  /** Gives back what has not been sent yet. */
  giveBackWaiting(dueAt: Millis): void {
    for (const lane of this.#lanes.values()) for (const claim of lane.waiting.splice(0)) this.#giveBack(claim, dueAt);
  }

  /** Resolves when there is something to record, or nothing is held. */
  async untilResult(): Promise<void> {
    if (this.#results.length > 0 || this.held === 0) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #advance(webhookId: string): void {
    const lane = this.#lanes.get(webhookId)!;
    while (lane.calls < lane.callsMax && lane.waiting.length > 0) {
      const claim = lane.waiting.shift()!;
      const now = this.#settings.clock();
      if (now + TIMEOUT_MS + LEASE_RESERVE_MS > claim.leaseUntil) {
        this.#giveBack(claim, now);
        continue;
      }
      lane.calls++;
      void this.#call(claim);
    }
  }

  async #call(claim: Claim): Promise<void> {
    const result = await attemptDelivery(claim, this.#settings);
    const lane = this.#lanes.get(claim.webhookId)!;
    const { attempt } = result;
    // Any quick answer counts: whether it pleases us is the breaker's business.
    const isQuick = attempt !== null && attempt.code !== null && attempt.durationMs < QUICK_MS;
    lane.callsMax = isQuick ? Math.min(lane.callsMax + 1, CALLS_MAX) : CALLS_FIRST;
    lane.calls--;
    this.#settle(result);
    const isUnreachable = attempt !== null && attempt.error !== null && attempt.code === null;
    if (isUnreachable)
      for (const waiting of lane.waiting.splice(0)) this.#giveBack(waiting, this.#settings.clock() + STEP_ASIDE_MS);
    this.#advance(claim.webhookId);
  }

  #giveBack(claim: Claim, dueAt: Millis): void {
    const { webhookId, eventId, lease } = claim;
    this.#settle({ webhookId, eventId, lease, status: "pending", dueAt, attempt: null });
  }

  #settle(result: DeliveryResult): void {
    this.held--;
    this.#results.push(result);
    this.#wake();
  }
}
