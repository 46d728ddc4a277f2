// Durable Objects as the simulator has them: instances that may leave memory at any moment, their own SQLite and one alarm
// that outlive them, and calls that copy what they carry.

import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Faults } from "./faults.ts";
import type { PageSocket } from "./sockets.ts";

/** What is left of an object when it is not in memory. */
class Storage {
  readonly #sqlite = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  alarmAt: number | null = null;
  sockets: PageSocket[] = [];

  exec(sql: string, ...values: (string | number | null)[]) {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)));
    const rows = statement.all(...values);
    return { toArray: () => rows };
  }

  transaction<T>(work: () => T): T {
    this.#sqlite.exec("BEGIN");
    try {
      const result = work();
      this.#sqlite.exec("COMMIT");
      return result;
    } catch (error) {
      this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  deleteAll(): void {
    this.#statements.clear();
    const tables = this.#sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    for (const { name } of tables) this.#sqlite.exec(`DROP TABLE "${String(name)}"`);
  }

  close(): void {
    this.#sqlite.close();
  }
}

type Instance = { alarm?: () => Promise<void> } & Record<string, (...args: unknown[]) => unknown>;
type ObjectClass = new (ctx: DurableObjectState, env: never) => unknown;

export class Objects {
  readonly #make: ObjectClass;
  readonly #faults: Faults;
  readonly #storages = new Map<string, Storage>();
  readonly #instances = new Map<string, Instance>();
  readonly #waitUntil: (work: Promise<unknown>) => void;

  constructor(make: ObjectClass, faults: Faults, waitUntil: (work: Promise<unknown>) => void) {
    this.#make = make;
    this.#faults = faults;
    this.#waitUntil = waitUntil;
  }

  /** The binding a process has in one of its lives. */
  namespace(env: object, life: number) {
    const call = (name: string, method: string, args: unknown[]) =>
      this.#faults.around(life, async () => {
        const instance = this.#instance(name, env, life);
        const answer: unknown = await instance[method]!(...(structuredClone(args) as unknown[]));
        return structuredClone(answer);
      });
    return {
      getByName: (name: string) =>
        new Proxy(
          {},
          {
            get:
              (_, method) =>
              (...args: unknown[]) =>
                call(name, String(method), args),
          },
        ),
    };
  }

  /** A page opens a live socket. @returns null when it was refused. */
  connect(name: string, env: object, life: number): Promise<PageSocket | null> {
    return this.#faults.around(life, async () => {
      const upgrade = new Request("https://session/live", { headers: { "X-Session-Id": name } });
      const { webSocket } = (await this.#instance(name, env, life).fetch!(upgrade)) as { webSocket?: PageSocket };
      return webSocket ?? null;
    });
  }

  /** What a page says over it. */
  say(name: string, env: object, life: number, socket: PageSocket, message: string): Promise<void> {
    return this.#faults.around(life, async () => {
      await this.#instance(name, env, life).webSocketMessage!(socket, message);
    });
  }

  /** The page is gone; by then its socket is none of the object's any more. */
  hangUp(name: string, env: object, life: number, socket: PageSocket): Promise<void> {
    socket.close();
    return this.#faults.around(life, async () => {
      await this.#instance(name, env, life).webSocketClose!(socket);
    });
  }

  /** They leave memory: those that were idle, which keep their sockets; after a crash all of them. */
  evict(name?: string): void {
    if (name !== undefined) return void this.#instances.delete(name);
    this.#instances.clear();
    for (const storage of this.#storages.values()) for (const socket of storage.sockets.splice(0)) socket.close();
  }

  get names(): string[] {
    return [...this.#storages.keys()];
  }

  /** The one that rings next, and when: so much later than it was set for. */
  nextAlarm(lateMs = 0): { name: string; at: number } | null {
    let next: { name: string; at: number } | null = null;
    for (const [name, { alarmAt }] of this.#storages)
      if (alarmAt !== null && (!next || alarmAt + lateMs < next.at)) next = { name, at: alarmAt + lateMs };
    return next;
  }

  /** Ring; when the process dies meanwhile, it rings again. */
  async ring(name: string, env: object, life: number, now: number): Promise<void> {
    const storage = this.#storages.get(name)!;
    storage.alarmAt = null;
    try {
      await this.#faults.untilCrash(this.#instance(name, env, life).alarm!());
    } catch (error) {
      storage.alarmAt ??= now + 2_000;
      throw error;
    }
  }

  close(): void {
    for (const storage of this.#storages.values()) storage.close();
  }

  #instance(name: string, env: object, life: number): Instance {
    const known = this.#instances.get(name);
    if (known) return known;
    let storage = this.#storages.get(name);
    if (!storage) this.#storages.set(name, (storage = new Storage()));
    const instance = new this.#make(this.#context(storage, life), env as never) as Instance;
    this.#instances.set(name, instance);
    return instance;
  }

  #context(storage: Storage, life: number): DurableObjectState {
    // A process that is gone writes nothing more.
    const alive = <T>(write: () => T): T => {
      if (life !== this.#faults.life || this.#faults.hasCrashed) throw new Error("written by a process that is gone");
      return write();
    };
    return {
      blockConcurrencyWhile: async (work: () => Promise<unknown>) => work(),
      waitUntil: this.#waitUntil,
      acceptWebSocket: (socket: PageSocket) => void storage.sockets.push(socket),
      getWebSockets: () => storage.sockets.filter(({ isOpen }) => isOpen),
      setWebSocketAutoResponse: () => undefined,
      getWebSocketAutoResponseTimestamp: ({ answeredAt }: PageSocket) => answeredAt,
      storage: {
        sql: { exec: (sql: string, ...values: string[]) => alive(() => storage.exec(sql, ...values)) },
        transactionSync: <T>(work: () => T) => alive(() => storage.transaction(work)),
        getAlarm: async () => storage.alarmAt,
        setAlarm: async (at: number) => alive(() => void (storage.alarmAt = at)),
        deleteAlarm: async () => alive(() => void (storage.alarmAt = null)),
        deleteAll: async () => alive(() => storage.deleteAll()),
      },
    } as unknown as DurableObjectState;
  }
}
