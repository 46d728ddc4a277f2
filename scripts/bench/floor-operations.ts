// Which platform operations a scenario cannot do without, counted by reading the code, and what they therefore cost at least.
// The floor leaves out everything that is ours to make cheap: routing, parsing, pricing, the SQL of our triggers.

import type { ScenarioName } from "./scenarios.ts";

/** Each is measured as an answer of the floor's Worker (floor-worker.ts), by the same driver in the same run. */
export const FLOOR_OPERATIONS = {
  request: "an empty request and answer",
  post: "a small JSON body read, answered with as much as a session's state",
  bytes: "an answer as long as the catalogue's",
  d1Read: "one D1 read by key",
  d1Batch: "one D1 batch of two writes and a read",
  groupedWrite: "one row through a writer object, sharing D1 calls with whatever comes at once",
  groupedWrite50: "fifty rows through it",
  objectCall: "one call to a Durable Object in memory",
  cycle: "a session's four requests, doing nothing but their platform operations",
  send: "one HTTP request out",
  socketBeat: "one WebSocket message answered by the platform",
} as const;
export type FloorOperation = keyof typeof FLOOR_OPERATIONS;
export const FLOOR_OPERATION_NAMES = Object.keys(FLOOR_OPERATIONS) as FloorOperation[];

type Parts = Partial<Record<FloorOperation, number>>;

/**
 * The requests of a cycle. Its floor is measured as one, under the same load, so that what the parts cost together is in it:
 * thousands of objects open at once, their files made and removed, groups of writes of four kinds.
 */
export const CYCLE_STEPS = ["create", "start", "report", "complete"] as const;
export type CycleStep = (typeof CYCLE_STEPS)[number];

const CYCLE_WHY =
  "the same four requests by a Worker that does nothing else; create: session, hold, event and idempotency record in one grouped write, and the launch token signed; start: the launch token verified, a new object that keeps it before D1 is asked (grouped) and its clock after, with an alarm, the session token signed; report: one grouped write, and the object keeps what was used; complete: the object seals its end, one grouped write settles, the object notes it";

export const FLOORS: Record<ScenarioName, { parts: Parts; why: string }> = {
  catalogue: { parts: { bytes: 1 }, why: "remembered for five seconds: only the answer itself" },
  balance: { parts: { request: 1, d1Read: 1 }, why: "one D1 read; the access token was verified before" },
  cycle: { parts: { cycle: 1 }, why: CYCLE_WHY },
  hot: { parts: { cycle: 1 }, why: "the same: D1 is one writer, so one wallet or many cost the same" },
  heartbeat: { parts: { post: 1, objectCall: 1 }, why: "the object's memory; a row only when five seconds passed" },
  "live-beat": { parts: { socketBeat: 1 }, why: "answered by the platform; the object sleeps on" },
  consume: {
    parts: { post: 1.1, groupedWrite: 1.1 },
    why: "a tenth of the requests are duplicates, which D1 has to look at as well",
  },
  batch: { parts: { post: 1, groupedWrite50: 1 }, why: "fifty rows in one grouped write" },
  webhooks: {
    parts: { post: 1, groupedWrite: 1, send: 4.2, d1Batch: 0.04 },
    why: "the report's grouped write; four deliveries of which 5 % are sent twice; a round of delivery carries at most 100 of them in one D1 batch",
  },
};

/**
 * What `parts` cost, in microseconds of CPU.
 * @param measured Of each operation as an answer of the floor's Worker, the empty request included.
 * @returns null when one of them was not measured.
 */
export function floorMicros(parts: Parts, measured: Partial<Record<FloorOperation, number>>): number | null {
  let total = 0;
  for (const [operation, count] of Object.entries(parts) as [FloorOperation, number][]) {
    const cost = ownMicros(operation, measured);
    if (cost === null) return null;
    total += count * cost;
  }
  return total;
}

/** These cost all that was measured; the others what they add to the request that asked for them. */
const WHOLE = new Set<FloorOperation>(["request", "post", "bytes", "cycle", "socketBeat"]);

/** What an operation costs beyond what it was measured on top of; null when one of them was not measured. */
export function ownMicros(operation: FloorOperation, measured: Partial<Record<FloorOperation, number>>): number | null {
  const whole = measured[operation];
  if (WHOLE.has(operation)) return whole ?? null;
  const without = measured.request;
  return whole === undefined || without === undefined ? null : Math.max(0, whole - without);
}
