// One marketplace with everything around it: the real Worker, its objects and its database, Stripe's stand-in, people and
// apps. A process can die and start again; Stripe, the database and the objects' storage live on.

import { createStandin, type Standin } from "../stripe-standin/app.ts";
import type { Env } from "../../workers/env.ts";
import { d1, type Database } from "./database.ts";
import { Dice } from "./dice.ts";
import { Crashed, Faults } from "./faults.ts";
import { Objects } from "./objects.ts";
import type { Platform } from "./platform.ts";
import type { Worker } from "./worker.ts";
import { aGift, anApp, aPerson, type App, type Person } from "./inhabitants.ts";
import type { Purchase, Run } from "./model.ts";
import type { PageSocket } from "./sockets.ts";

export const API = "http://localhost:3000";
const STRIPE = "http://127.0.0.1:12111";
/** A Monday in 2030, so that nothing real is near. */
const BEGIN = Date.UTC(2030, 0, 7);
/** So that it depends on the seed in another way than the steps do. */
const LATE_SALT = 0x1a7e;
const KEYS_KEPT_MS = 24 * 60 * 60 * 1000;
const SECRETS = {
  DATA_KEY: Buffer.alloc(32, 1).toString("base64"),
  AUTH_SECRET: Buffer.alloc(32, 2).toString("base64"),
  STRIPE_SECRET_KEY: "sk_test_standin",
  STRIPE_WEBHOOK_SECRET: "whsec_test",
};

/** A broken promise: what the simulator looks for. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Violation";
  }
}

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body;
}

/** What a client sends again, with the same key, until it hears an answer. */
export interface Unanswered {
  what: string;
  again: () => Promise<void>;
}

export class World {
  readonly worker: Worker;
  readonly platform: Platform;
  readonly database: Database;
  readonly faults = new Faults();
  readonly standin: Standin;
  readonly sessions: Objects;
  readonly #writers: Objects;
  env!: Env;
  /** Queue messages on their way; they may come twice, late, or never. */
  queue: object[] = [];
  #work: Promise<unknown>[] = [];
  #lastKey = 0;
  /** How late alarms ring in this history. Up to 15 s change no bill (CHECKPOINT_SECONDS). */
  readonly #alarmsLateMs: number;

  people: Person[] = [];
  apps: App[] = [];
  purchases: Purchase[] = [];
  runs: Run[] = [];
  unanswered: Unanswered[] = [];
  /** Requests with a key of their own, by path: there can be no more effects than these. */
  readonly asked = new Map<string, number>();
  /** What the receivers of apps' webhooks were told, by their origin and the event's id. */
  readonly told = new Map<string, { taken: boolean; bodies: Set<string> }>();
  /** What they answer, by origin: all is well unless said. */
  readonly receivers = new Map<string, number | "breaks">();
  /** What was counted before. */
  readonly seen = new Set<string>();
  /** How often what happened, over all histories of a process: a simulator that does nothing finds nothing. */
  readonly tally: Map<string, number>;

  constructor(worker: Worker, platform: Platform, database: Database, seed: number, tally: Map<string, number>) {
    this.tally = tally;
    this.worker = worker;
    this.platform = platform;
    this.database = database;
    platform.setTime(BEGIN);
    platform.reseed(seed);
    this.#alarmsLateMs = new Dice(seed ^ LATE_SALT).pick([0, 0, 1_000, 14_000]);
    worker.forgetMemory([]);
    const waitUntil = (work: Promise<unknown>) => this.#goOnWith(work);
    this.sessions = new Objects(worker.MeteredSession, this.faults, waitUntil);
    this.#writers = new Objects(worker.LedgerWriter, this.faults, waitUntil);
    this.standin = createStandin({
      origin: STRIPE,
      webhookUrl: `${API}/v1/stripe/webhook`,
      webhookSecret: SECRETS.STRIPE_WEBHOOK_SECRET,
      subscribed: worker.WEBHOOK_EVENTS,
      now: platform.now,
      send: (url, init) => this.#fetchOwn(new Request(url, init)),
    });
    // Nothing is delivered by itself: the history says what comes, how often and in which order.
    this.standin.deliveries.hold();
    this.#boot();
    globalThis.fetch = ((input: RequestInfo | URL, init?: RequestInit) =>
      this.#outside(new Request(input, init))) as typeof fetch;
  }

  /** People and apps; nothing goes wrong while they come. */
  async populate(dice: Dice): Promise<void> {
    for (let i = 0; i < 3; i++) this.people.push(await aPerson(this, i));
    for (let i = 0; i < 3; i++) this.apps.push(await anApp(this, i, dice));
    for (const person of this.people) await aGift(this, person, dice);
  }

  get now(): number {
    return this.platform.now();
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  newKey(): string {
    return `key-${++this.#lastKey}`;
  }

  /** One request to the API, by a client that knows nothing of what happens behind it. @throws Crashed */
  async call<Body = Record<string, unknown>>(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    bearer: string | null,
    body?: unknown,
    key?: string,
  ): Promise<Answer<Body>> {
    const request = new Request(`${API}${path}`, {
      method,
      headers: {
        ...(bearer && { Authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(key && { "Idempotency-Key": key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await this.#fetchOwn(request);
    const text = await answer.text();
    this.count(`${method} ${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id")} ${answer.status}`);
    if (answer.status >= 500 && !this.faults.hasStruck)
      throw new Violation(`${method} ${path} answered ${answer.status} although nothing was wrong: ${text}`);
    return { status: answer.status, body: (text.startsWith("{") ? JSON.parse(text) : null) as Body };
  }

  /**
   * A request with a key that is sent again later when its answer is lost. `heard` runs once, with the answer that came.
   */
  async ask<Body = Record<string, unknown>>(
    request: { method?: "POST" | "PUT"; path: string; bearer: () => Promise<string>; body: unknown },
    heard: (answer: Answer<Body>) => void,
  ): Promise<void> {
    const key = this.newKey();
    // Keys are kept for a day; asked again after that, it is a new request.
    let keyedAt = -Infinity;
    const attempt = async (): Promise<void> => {
      if (this.now - keyedAt >= KEYS_KEPT_MS) {
        keyedAt = this.now;
        this.asked.set(request.path, (this.asked.get(request.path) ?? 0) + 1);
      }
      const answer = await this.call<Body>(
        request.method ?? "POST",
        request.path,
        await request.bearer(),
        request.body,
        key,
      );
      if (answer.status >= 500 || isInProgress(answer.body)) throw new Lost();
      heard(answer);
    };
    const send = async (): Promise<void> => {
      try {
        await attempt();
      } catch (error) {
        if (!(error instanceof Crashed) && !(error instanceof Lost)) throw error;
        this.unanswered.push({ what: request.path, again: send });
        if (error instanceof Crashed) throw error;
      }
    };
    await send();
  }

  /** A test control of Stripe's stand-in: what people and banks do. */
  async stripe<Body = Record<string, unknown>>(path: string, body?: unknown): Promise<Answer<Body>> {
    const answer = await this.standin.fetch(
      new Request(`${STRIPE}/_dev${path}`, { method: "POST", body: JSON.stringify(body ?? {}) }),
    );
    this.count(`stripe ${path.replaceAll(/_[A-Za-z0-9]{10,}\w*/g, "")} ${answer.status}`);
    return { status: answer.status, body: (await answer.json()) as Body };
  }

  /** A page opens its live socket; null when it was refused. @throws Crashed */
  async connect(sessionId: string): Promise<PageSocket | null> {
    return (await this.#online(this.sessions.connect(sessionId, this.env, this.faults.life))) ?? null;
  }
  /** @returns false when it may not have arrived. @throws Crashed */
  async say(sessionId: string, page: PageSocket, message: string): Promise<boolean> {
    const said = this.sessions.say(sessionId, this.env, this.faults.life, page, message);
    return (await this.#online(said.then(() => true))) ?? false;
  }
  /** @returns false when the object may not have heard of it. @throws Crashed */
  async hangUp(sessionId: string, page: PageSocket): Promise<boolean> {
    const gone = this.sessions.hangUp(sessionId, this.env, this.faults.life, page);
    return (await this.#online(gone.then(() => true))) ?? false;
  }

  /** A cron of the Worker. @throws Crashed */
  async cron(cron: string): Promise<void> {
    const run = this.worker.runSchedule(this.env, { cron, scheduledTime: this.now } as ScheduledController);
    await this.faults.untilCrash(run);
  }

  /** A message of the queue arrives. @throws Crashed */
  async deliverHint(): Promise<void> {
    const message = { ack: () => undefined, retry: () => void this.queue.push({}) };
    const batch = { queue: "meterplace-webhooks", messages: [message] } as unknown as MessageBatch;
    await this.faults.untilCrash(this.worker.deliverWebhooks(batch, this.env));
  }

  /** Let time pass, with every alarm at its moment. @throws Crashed */
  async pass(seconds: number): Promise<void> {
    const until = this.now + seconds * 1000;
    const nextAlarm = () => this.sessions.nextAlarm(this.#alarmsLateMs);
    for (let next = nextAlarm(); next && next.at <= until; next = nextAlarm()) {
      this.platform.setTime(Math.max(this.now, next.at));
      await this.sessions.ring(next.name, this.env, this.faults.life, this.now);
    }
    this.platform.setTime(Math.max(this.now, until));
  }

  /** The clock is suddenly later, and no alarm rang meanwhile. */
  jump(seconds: number): void {
    this.platform.setTime(this.now + seconds * 1000);
    this.doubtRunning();
  }

  /** From now on their clock may have charged less than the reference. */
  doubtRunning(): void {
    for (const run of this.runs) if (!run.settled) run.isDoubtful = true;
  }

  /** What the process goes on with after its answers. @throws Crashed */
  async finishWork(): Promise<void> {
    while (this.#work.length > 0) {
      const work = this.#work.splice(0);
      await this.faults.untilCrash(Promise.allSettled(work));
    }
  }

  /** The process starts again: its memory is gone. */
  restart(): void {
    this.#work = [];
    this.sessions.evict();
    this.#writers.evict();
    this.worker.forgetMemory(this.apps.map(({ id }) => id));
    this.faults.restart();
    this.doubtRunning();
    this.#boot();
  }

  close(): void {
    this.sessions.close();
    this.#writers.close();
  }

  #boot(): void {
    const { life } = this.faults;
    const env = {
      ENVIRONMENT: "local",
      RATE_LIMITS: "off",
      API_ORIGIN: API,
      WEB_ORIGIN: "http://localhost:5173",
      SIGNING_KEYS: this.worker.signingKeys,
      STRIPE_API_BASE: STRIPE,
      ...SECRETS,
      DB: d1(this.database, this.faults, life),
      WEBHOOKS: { send: async (message: object) => void this.queue.push(message) },
      EGRESS: { fetch: (url: string, init: RequestInit) => this.#tellReceiver(url, init) },
      USERS: { getByName: () => ({ tell: async () => undefined }) },
      // Discovery moves no money and is not simulated.
      EMBEDDINGS: "off",
      AVAILABILITY_CHECKS: "off",
      CATALOGUE: { getByName: () => ({}) },
      CATALOGUE_CHANGES: { send: async () => undefined },
    };
    this.env = Object.assign(env, {
      SESSIONS: this.sessions.namespace(env, life),
      LEDGER: this.#writers.namespace(env, life),
    }) as unknown as Env;
  }

  /** Where something is wrong, a line may break without anybody being told. */
  async #online<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await this.faults.untilCrash(work);
    } catch (error) {
      if (error instanceof Crashed || !this.faults.hasStruck) throw error;
      return null;
    }
  }

  /** Looked at when the step is over; one that fails before that fails nobody else. */
  #goOnWith(work: Promise<unknown>): void {
    work.catch(() => undefined);
    this.#work.push(work);
  }

  #fetchOwn(request: Request): Promise<Response> {
    const context = { waitUntil: (work: Promise<unknown>) => this.#goOnWith(work), passThroughOnException() {} };
    return this.faults.untilCrash(
      Promise.resolve(this.worker.app.fetch(request, this.env, context as unknown as ExecutionContext)),
    );
  }

  #outside(request: Request): Promise<Response> {
    if (new URL(request.url).origin !== STRIPE) return Promise.reject(new TypeError(`no way to ${request.url}`));
    return this.faults.around(this.faults.life, () => this.standin.fetch(request));
  }

  /** At once, without reading a stream: no timeout of ours comes before the answer. */
  #tellReceiver(url: string, init: RequestInit): Promise<Response> {
    const { origin } = new URL(url);
    const body = String(init.body);
    return this.faults.around(this.faults.life, () => {
      const answer = this.receivers.get(origin) ?? 204;
      if (answer === "breaks") throw new TypeError("the line is broken");
      const name = `${origin} ${new Headers(init.headers).get("webhook-id")}`;
      const told = this.told.get(name) ?? { taken: false, bodies: new Set() };
      this.told.set(name, { taken: told.taken || answer === 204, bodies: told.bodies.add(body) });
      this.count(`told ${answer}`);
      return new Response(null, { status: answer });
    });
  }
}

class Lost extends Error {}
const isInProgress = (body: unknown): boolean => (body as { code?: string } | null)?.code === "idempotency_in_progress";
