// Which platform operations a scenario cannot do without, counted by reading the code, and what they therefore cost at least.
// The floor leaves out everything that is ours to make cheap: routing, parsing, pricing, the SQL of our triggers.

import type { ScenarioName } from "./scenarios.ts";

/**
 * Each is measured as an answer of the floor's Worker (floor-worker.ts), under the headers answers of ours carry, by the same driver in
 * the same run.
 */
export const FLOOR_OPERATIONS = {
  request: "an empty request and answer",
  post: "a small JSON body read, answered with as much as a session's state",
  bytes: "an answer as long as the catalogue's",
  d1Read: "one D1 read by key",
  d1Batch: "one D1 batch of two writes and a read",
  groupedWrite: "one row through a writer object, sharing D1 calls with whatever comes at once",
  groupedWrite50: "fifty rows through it",
  objectCall: "one call to a Durable Object in memory",
  objectRow: "one call to a Durable Object in memory that stores a row",
  newObject: "a new Durable Object that stores a row and sets its alarm",
  sign: "one ES256 signature",
  verify: "one ES256 signature verified",
  cycle: "a session's four requests, doing nothing but their platform operations, writes shared",
  send: "one HTTP request out",
  socketBeat: "one WebSocket message answered by the platform",
  socketWords: "one WebSocket message read by its object in memory, answered with as much as a session's state",
} as const;
export type FloorOperation = keyof typeof FLOOR_OPERATIONS;
export const FLOOR_OPERATION_NAMES = Object.keys(FLOOR_OPERATIONS) as FloorOperation[];

type Parts = Partial<Record<FloorOperation, number>>;
/** Microseconds of CPU by operation, the empty request included. */
export type FloorFigures = Partial<Record<FloorOperation, number>>;

/** The requests of a cycle, as the floor's Worker answers them. */
export const CYCLE_STEPS = ["create", "start", "report", "complete"] as const;
export type CycleStep = (typeof CYCLE_STEPS)[number];

/**
 * Two floors. `alone`: what a request needs of the platform, each operation measured by itself; a write to D1 is a call of
 * its own. `shared`: the same where writes that come at once share a call (docs/decisions/0014-group-commit.md), which is
 * our doing, so this one is harder to reach; a cycle is then measured whole, under the same load.
 */
export interface FloorOf {
  alone: Parts;
  shared: Parts;
  why: string;
}

const same = (parts: Parts): Pick<FloorOf, "alone" | "shared"> => ({ alone: parts, shared: parts });

const CYCLE: FloorOf = {
  alone: { post: 4, d1Batch: 4, newObject: 1, objectRow: 2, sign: 2, verify: 1 },
  shared: { cycle: 1 },
  why: "create: session, hold, event and idempotency record in one D1 batch, and the launch token signed; start: the launch token verified, one batch, a new object that keeps the session and its clock with an alarm, the session token signed; report: one batch; complete: the object seals its end, one batch settles, the object notes it",
};

export const FLOORS: Record<ScenarioName, FloorOf> = {
  catalogue: { ...same({ bytes: 1 }), why: "remembered for five seconds: only the answer itself" },
  balance: { ...same({ request: 1, d1Read: 1 }), why: "one D1 read; the access token was verified before" },
  heartbeat: {
    ...same({ post: 1, objectCall: 1 }),
    why: "the object's memory; a row only when five seconds passed",
  },
  beat: {
    ...same({ socketBeat: 0.5, socketWords: 0.5 }),
    why: "every other one is answered by the platform while the object sleeps; a row only when five seconds passed",
  },
  consume: {
    alone: { post: 1.1, d1Batch: 1.1 },
    shared: { post: 1.1, groupedWrite: 1.1 },
    why: "a tenth of the requests are duplicates, which D1 has to look at as well",
  },
  use: {
    alone: { post: 0.14, d1Batch: 0.14 },
    shared: { post: 0.14, groupedWrite50: 0.022 },
    why: "32 callers and four requests under way: about eight records share a request; a tenth of them are duplicates",
  },
  batch: { ...same({ post: 1, groupedWrite50: 1 }), why: "fifty rows in one write" },
  webhooks: {
    alone: { post: 1, d1Batch: 1.04, send: 4.2 },
    shared: { post: 1, groupedWrite: 1, send: 4.2, d1Batch: 0.04 },
    why: "the report's write; four deliveries of which 5 % are sent twice; a round of delivery carries at most 100 of them in one D1 batch",
  },
  cycle: CYCLE,
  hot: { ...CYCLE, why: "as a cycle: D1 is one writer, so one wallet or many cost the same" },
};

/** What has to be measured to know both floors of a scenario. */
export function operationsOf(name: ScenarioName): FloorOperation[] {
  const { alone, shared } = FLOORS[name];
  const used = Object.keys({ ...alone, ...shared }) as FloorOperation[];
  return used.every((operation) => WHOLE.has(operation)) ? used : [...new Set<FloorOperation>(["request", ...used])];
}

/**
 * What `parts` cost, in microseconds of CPU.
 * @param measured Of each operation as an answer of the floor's Worker.
 * @returns null when one of them was not measured.
 */
export function floorMicros(parts: Parts, measured: FloorFigures): number | null {
  let total = 0;
  for (const [operation, count] of Object.entries(parts) as [FloorOperation, number][]) {
    const cost = ownMicros(operation, measured);
    if (cost === null) return null;
    total += count * cost;
  }
  return total;
}

/** These cost all that was measured; the others what they add to the request that asked for them. */
const WHOLE = new Set<FloorOperation>(["request", "post", "bytes", "cycle", "socketBeat", "socketWords"]);

/** What an operation costs beyond what it was measured on top of; null when one of them was not measured. */
export function ownMicros(operation: FloorOperation, measured: FloorFigures): number | null {
  const whole = measured[operation];
  if (WHOLE.has(operation)) return whole ?? null;
  const without = measured.request;
  return whole === undefined || without === undefined ? null : Math.max(0, whole - without);
}
