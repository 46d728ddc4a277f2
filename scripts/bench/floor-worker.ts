// The floor: each platform operation our scenarios are made of, alone, in a Worker that does nothing else. Its path names
// the operation (scripts/bench/floor-operations.ts). Never deployed; bundled by scripts/bench/floor.ts.

import { DurableObject } from "cloudflare:workers";
import { GroupCommit } from "../../domain/ledger/group-commit.ts";
import { SECURITY_HEADERS } from "../../workers/middleware/security-headers.ts";
import type { CycleStep, FloorOperation } from "./floor-operations.ts";
import {
  createFloorTables,
  createObjectTable,
  readAccount,
  writeBatch,
  writeRecord,
  writeTogether,
  type Entry,
} from "./floor-store.ts";

interface FloorEnv {
  DB: D1Database;
  OBJECTS: DurableObjectNamespace<FloorObject>;
  WRITER: DurableObjectNamespace<FloorWriter>;
  /** A receiver that answers 200. */
  SINK_URL: string;
}

const WARM_OBJECTS = 100;
const ALARM_MS = 90_000;
/** About what a session's facts or a report's row take. */
const BODY = "x".repeat(300);
const STATE = "x".repeat(600);
const GATHER_MS = 4;
const ROWS_MAX = 200;

let counter = 0;
/** In time order, as all our ids are: random ones would cost the index more. */
const newEntry = (): Entry => ({ id: `${Date.now()}-${String(counter++).padStart(9, "0")}`, body: BODY, at: counter });

/**
 * What every answer of ours carries (workers/middleware/every-request.ts). Made once: putting headers on the wire is the platform's work,
 * and no answer can do without.
 */
const COMMON = {
  ...SECURITY_HEADERS,
  "Content-Type": "application/json",
  Vary: "Origin",
  "X-Request-Id": "0".repeat(36),
};
const HEADERS = new Headers(COMMON);
/** A list's validator as well. */
const LIST_HEADERS = new Headers({ ...COMMON, ETag: `"${"0".repeat(32)}"` });
const answer = (body: object = { status: "ok" }): Response => Response.json(body, { headers: HEADERS });

export class FloorObject extends DurableObject<FloorEnv> {
  #facts = "";
  #hasTable = false;

  touch(facts: string): number {
    this.#facts = facts;
    return this.#facts.length;
  }

  row(facts: string): void {
    if (!this.#hasTable) createObjectTable(this.ctx.storage.sql);
    this.#hasTable = true;
    writeRecord(this.ctx.storage.sql, facts);
  }

  /** A session's start: D1 has it, then it is kept, with an alarm. */
  async start(facts: string): Promise<void> {
    await writer(this.env).write(rows(1));
    await this.open(facts);
  }

  /** A session's end: kept, carried to D1, noted. */
  async end(facts: string): Promise<void> {
    this.row(facts);
    await writer(this.env).write(rows(1));
    this.row(facts);
  }

  async open(facts: string): Promise<void> {
    this.row(facts);
    await this.ctx.storage.setAlarm(Date.now() + ALARM_MS);
  }

  override alarm(): void {}

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("beat", "ok"));
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string): void {
    JSON.parse(message);
    socket.send(JSON.stringify({ state: STATE }));
  }
}

export class FloorWriter extends DurableObject<FloorEnv> {
  #entries = new GroupCommit<Entry[], boolean>({
    commit: async (groups) => {
      await writeTogether(this.env.DB, groups.flat());
      return groups.map(() => true);
    },
    itemsMax: ROWS_MAX,
    gatherMs: GATHER_MS,
  });

  write(entries: Entry[]): Promise<boolean> {
    return this.#entries.add(entries);
  }
}

type KeyPair = { publicKey: CryptoKey; privateKey: CryptoKey };
const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const MESSAGE = new TextEncoder().encode(BODY);
let keys: { pair: KeyPair; signature: ArrayBuffer } | null = null;

/** Signing keys, and one signature to verify. */
async function signing(): Promise<{ pair: KeyPair; signature: ArrayBuffer }> {
  if (keys) return keys;
  const pair = (await crypto.subtle.generateKey(ES256, true, ["sign", "verify"])) as KeyPair;
  const made = { pair, signature: await crypto.subtle.sign(ES256, pair.privateKey, MESSAGE) };
  keys = made;
  return made;
}

const warmObject = (env: FloorEnv) => env.OBJECTS.getByName(`warm-${counter++ % WARM_OBJECTS}`);
const writer = (env: FloorEnv) => env.WRITER.getByName("main");
const rows = (count: number): Entry[] => Array.from({ length: count }, newEntry);

async function sign(): Promise<unknown> {
  return crypto.subtle.sign(ES256, (await signing()).pair.privateKey, MESSAGE);
}
async function verify(): Promise<unknown> {
  const { pair, signature } = await signing();
  return crypto.subtle.verify(ES256, pair.publicKey, signature, MESSAGE);
}

/** The four requests of a session's life, each with the platform operations it cannot do without and nothing else. */
const STEPS: Record<CycleStep, (env: FloorEnv, object: DurableObjectStub<FloorObject>) => Promise<unknown>> = {
  create: async (env) => {
    await writer(env).write(rows(1));
    await sign();
  },
  start: async (_env, object) => {
    await verify();
    await object.start(BODY);
    await sign();
  },
  report: async (env, object) => {
    await writer(env).write(rows(1));
    await object.row(BODY);
  },
  complete: (_env, object) => object.end(BODY),
};

const OPERATIONS: Record<FloorOperation, (env: FloorEnv, request: Request) => Promise<unknown>> = {
  request: async () => undefined,
  post: async (_env, request) => JSON.parse(await request.text()) as unknown,
  bytes: async () => undefined,
  d1Read: (env) => readAccount(env.DB, counter++),
  d1Batch: (env) => writeBatch(env.DB, newEntry()),
  groupedWrite: (env) => writer(env).write(rows(1)),
  groupedWrite50: (env) => writer(env).write(rows(50)),
  objectCall: (env) => warmObject(env).touch(BODY),
  objectRow: (env) => warmObject(env).row(BODY),
  newObject: (env) => env.OBJECTS.getByName(`new-${counter++}-${Date.now()}`).open(BODY),
  sign,
  verify,
  cycle: async (env, request) => {
    await request.text();
    const [step, session] = new URL(request.url).search.slice(1).split("-") as [CycleStep, string];
    await STEPS[step](env, env.OBJECTS.getByName(`session-${session}`));
  },
  send: async (env) => (await fetch(env.SINK_URL, { method: "POST", body: BODY })).text(),
  socketBeat: async () => undefined,
  socketWords: async () => undefined,
};

/** Set by `/prepare?bytes=`: what `bytes` answers. */
let body = "";

export default {
  async fetch(request, env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/prepare") {
      await createFloorTables(env.DB);
      body = "x".repeat(Number(url.searchParams.get("bytes")));
      return answer();
    }
    // An object that was idle for ten seconds has left memory.
    if (url.pathname === "/warm") {
      await Promise.all(Array.from({ length: WARM_OBJECTS }, () => warmObject(env).touch(BODY)));
      return answer();
    }
    if (request.headers.get("Upgrade") === "websocket")
      return env.OBJECTS.getByName(`socket-${counter++}`).fetch("https://object/", request);
    const operation = url.pathname.slice(1) as FloorOperation;
    await OPERATIONS[operation](env, request);
    if (operation === "bytes") return new Response(body, { headers: LIST_HEADERS });
    return operation === "post" || operation === "cycle" ? answer({ state: STATE }) : answer();
  },
} satisfies ExportedHandler<FloorEnv>;
