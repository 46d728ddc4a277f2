// One marketplace under load, seen from outside: its people, its apps, and what the driver knows was accepted, against which
// balances and histories are checked at the end.

import type { Adapter, LoadApp, LoadSession, LoadUser, UsageEvent } from "./adapter.ts";
import { Client, each, type ApiAnswer } from "./client.ts";
import { seededRandom } from "./figures.ts";
import { Recorder } from "./measure.ts";

const PASSWORD = "correct horse battery";
/** The most one checkout sells, bought this often by everyone. */
const TOKENS_A_PURCHASE = 100_000;
const PURCHASES_EACH = 3;
/** Both catalogues shall be of one length. */
const CATALOGUE_LENGTH = 50;
const SET_UP_AT_ONCE = 8;
/** Access tokens live 15 minutes. */
const SIGN_IN_AGAIN_AFTER_MS = 8 * 60_000;
const ASK_AGAIN_MAX = 40;
const ASK_AGAIN_AFTER_MS = 250;
const HISTORIES_CHECKED = 10;
const HISTORY_PAGE = 200;
const PROBLEMS_SHOWN = 20;

export interface Person extends LoadUser {
  email: string;
  bought: number;
}
/** A session and what was accepted on it. */
export interface Tracked {
  person: Person;
  app: LoadApp;
  session: LoadSession;
  /** Amount by accepted key. */
  accepted: Map<string, number>;
  isCompleted: boolean;
}

export interface Apps {
  /** 100 tokens an hour. */
  cycle: LoadApp;
  /** Holds so much that reports never run dry. */
  big: LoadApp;
  beat: LoadApp;
  hook: LoadApp;
}

export class Market {
  readonly adapter: Adapter;
  readonly client: Client;
  readonly origin: string;
  readonly people: Person[] = [];
  /** What broke a promise, in words. */
  readonly problems: string[] = [];
  readonly random = seededRandom(1);
  apps!: Apps;
  #sessions: Tracked[] = [];
  readonly #clients = new Map<LoadApp, (event: UsageEvent) => Promise<void>>();
  #signedInAt = Date.now();
  #run = Math.random().toString(36).slice(2, 8);
  #keys = 0;

  constructor(origin: string, adapter: Adapter, connections: number) {
    this.origin = origin;
    this.adapter = adapter;
    this.client = new Client(origin, connections);
  }

  must = (request: Parameters<Client["must"]>[0]): Promise<unknown> => this.client.must(request);
  newKey = (): string => `${this.#run}-${this.#keys++}`;
  pick = <T>(from: readonly T[]): T => from[Math.floor(this.random() * from.length)]!;

  async setUp(peopleCount: number): Promise<void> {
    const { adapter, must } = this;
    await each(peopleCount, SET_UP_AT_ONCE, async (index) => {
      const email = `load-${this.#run}-${index}@example.com`;
      const person = { ...adapter.readUser(await must(adapter.register(email, PASSWORD))), email, bought: 0 };
      this.people[index] = person;
      for (let purchase = 0; purchase < PURCHASES_EACH; purchase++) {
        await adapter.fund(must, person, TOKENS_A_PURCHASE);
        person.bought += TOKENS_A_PURCHASE;
      }
    });
    const owner = adapter.readUser(await must(adapter.register(`load-${this.#run}-owner@example.com`, PASSWORD)));
    const registerApp = async (name: string, tokensHeldPerHour: number): Promise<LoadApp> =>
      adapter.readApp(await must(adapter.registerApp(owner, { name: `${name} ${this.#run}`, tokensHeldPerHour })));
    this.apps = {
      cycle: await registerApp("Cycle", 100),
      big: await registerApp("Big", 100_000),
      beat: await registerApp("Beat", 60),
      hook: await registerApp("Hook", 20_000),
    };
    const { providers } = (await must(adapter.catalogue())) as { providers: unknown[] };
    for (let length = providers.length; length < CATALOGUE_LENGTH; length++) await registerApp(`App ${length}`, 500);
  }

  /** Access tokens may not run out inside a window. */
  async freshenSignIns(): Promise<void> {
    if (Date.now() - this.#signedInAt < SIGN_IN_AGAIN_AFTER_MS) return;
    await each(this.people.length, SET_UP_AT_ONCE, async (index) => {
      const person = this.people[index]!;
      person.token = this.adapter.readUser(await this.must(this.adapter.login(person.email, PASSWORD))).token;
    });
    this.#signedInAt = Date.now();
  }

  /** A started session, outside any measurement. */
  async open(person: Person, app: LoadApp): Promise<Tracked> {
    const tracked = await this.create(person, app, new Recorder(this.client));
    if (!tracked || !(await this.start(tracked, new Recorder(this.client))))
      throw new Error("a session of the benchmark could not be started");
    return tracked;
  }

  async openMany(count: number, app: LoadApp): Promise<Tracked[]> {
    const opened: Tracked[] = [];
    await each(count, SET_UP_AT_ONCE, async (index) => {
      opened[index] = await this.open(this.people[index % this.people.length]!, app);
    });
    return opened;
  }

  async create(person: Person, app: LoadApp, recorder: Recorder): Promise<Tracked | null> {
    const answer = await recorder.send(this.adapter.createSession(person, app, 60));
    if (!isGood(answer)) {
      if (answer.status === 0) this.problem("a create was never answered: the balance cannot be checked");
      return null;
    }
    const session = this.adapter.readSession(JSON.parse(answer.text));
    const tracked = { person, app, session, accepted: new Map<string, number>(), isCompleted: false };
    this.#sessions.push(tracked);
    return tracked;
  }

  async start(tracked: Tracked, recorder: Recorder): Promise<boolean> {
    const answer = await recorder.send(this.adapter.startSession(tracked.session));
    if (isGood(answer)) Object.assign(tracked.session, this.adapter.readStart(JSON.parse(answer.text)));
    return isGood(answer);
  }

  eventOf = (tracked: Tracked, amount: number): UsageEvent => ({
    session: tracked.session,
    amount,
    key: this.newKey(),
  });

  /**
   * Reports until it is answered: without an answer the same key is asked again, which must answer truthfully.
   * @returns whether it was taken.
   */
  async report(tracked: Tracked, event: UsageEvent, recorder: Recorder): Promise<boolean> {
    const request = this.adapter.report(tracked.app, event);
    let answer = await recorder.send(request);
    for (let tries = 0; answer.status === 0 && tries < ASK_AGAIN_MAX; tries++) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
      answer = await recorder.send(request);
    }
    if (answer.status === 0) this.problem(`report ${event.key} was never answered`);
    if (!isGood(answer)) return false;
    tracked.accepted.set(event.key, event.amount);
    return true;
  }

  /** As an app's server does with the SDK. */
  async consume(tracked: Tracked, event: UsageEvent): Promise<boolean> {
    const { app, accepted } = tracked;
    let client = this.#clients.get(app);
    if (!client) this.#clients.set(app, (client = this.adapter.client!(this.origin, app)));
    try {
      await client(event);
    } catch (error) {
      this.problem(`report ${event.key} was not taken: ${String(error)}`);
      return false;
    }
    accepted.set(event.key, event.amount);
    return true;
  }

  async complete(tracked: Tracked, recorder = new Recorder(this.client)): Promise<boolean> {
    const request = this.adapter.complete(tracked.person, tracked.session, tracked.app);
    let answer = await recorder.send(request);
    for (let tries = 0; answer.status === 0 && tries < ASK_AGAIN_MAX; tries++) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
      answer = await recorder.send(request);
    }
    if (!isGood(answer)) return false;
    tracked.isCompleted = true;
    const { consumed, refunded } = this.adapter.readComplete(JSON.parse(answer.text));
    const expected = sum(tracked.accepted.values());
    if (consumed !== expected || refunded !== tracked.session.allocated - expected)
      this.problem(
        `session ${tracked.session.id}: accepted ${expected} of ${tracked.session.allocated}, settled ${consumed}, returned ${refunded}`,
      );
    return true;
  }

  problem(text: string): void {
    if (this.problems.length < PROBLEMS_SHOWN) this.problems.push(text);
  }

  /** Through the public contract only: every balance, and the whole history of some people. */
  async check(): Promise<{ sessions: number; reports: number; balances: number; histories: number }> {
    await this.freshenSignIns();
    const { adapter } = this;
    const gone = new Map<Person, number>();
    for (const { person, session, accepted, isCompleted } of this.#sessions)
      gone.set(person, (gone.get(person) ?? 0) + (isCompleted ? sum(accepted.values()) : session.allocated));
    await each(this.people.length, SET_UP_AT_ONCE, async (index) => {
      const person = this.people[index]!;
      const balance = adapter.readBalance(await this.must(adapter.balance(person)));
      const expected = person.bought - (gone.get(person) ?? 0);
      if (balance !== expected) this.problem(`person ${index}: balance ${balance}, expected ${expected}`);
      if (index >= HISTORIES_CHECKED) return;
      const history = await this.#history(person);
      if (history !== balance) this.problem(`person ${index}: balance ${balance}, history sums to ${history}`);
    });
    return {
      sessions: this.#sessions.length,
      reports: this.#sessions.reduce((count, { accepted }) => count + accepted.size, 0),
      balances: this.people.length,
      histories: Math.min(HISTORIES_CHECKED, this.people.length),
    };
  }

  async #history(person: Person): Promise<number> {
    let total = 0;
    for (let offset = 0; ; offset += HISTORY_PAGE) {
      const request = this.adapter.transactions(person, HISTORY_PAGE, offset);
      const amounts = this.adapter.readTransactions(await this.must(request));
      total += sum(amounts);
      if (amounts.length < HISTORY_PAGE) return total;
    }
  }
}

const isGood = ({ status }: ApiAnswer): boolean => status >= 200 && status < 300;

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
