// Which platform operations a scenario cannot do without, counted by reading the code, and what they therefore cost at least.
// The floor leaves out everything that is ours to make cheap: routing, parsing, pricing, the SQL of our triggers.

import type { ScenarioName } from "./scenarios.ts";

/** Each is measured as an answer of the floor's Worker (floor-worker.ts), by the same driver in the same run. */
export const FLOOR_OPERATIONS = {
  request: "an empty request and answer",
  bytes: "an answer as long as the catalogue's",
  d1Read: "one D1 read by key",
  d1Batch: "one D1 batch of two writes and a read",
  groupedWrite: "one row through a writer object, sharing D1 calls with whatever comes at once",
  groupedWrite50: "fifty rows through it",
  objectCall: "one call to a Durable Object in memory",
  objectWrite: "one call that writes a row and sets the alarm",
  objectNew: "the same to an object that did not exist",
  sign: "one ES256 signature",
  verify: "one ES256 verification",
  send: "one HTTP request out",
  socketBeat: "one WebSocket message answered by the platform",
} as const;
export type FloorOperation = keyof typeof FLOOR_OPERATIONS;
export const FLOOR_OPERATION_NAMES = Object.keys(FLOOR_OPERATIONS) as FloorOperation[];

type Parts = Partial<Record<FloorOperation, number>>;

const CREATE: Parts = { request: 1, groupedWrite: 1, sign: 1 };
const START: Parts = { request: 1, verify: 1, objectNew: 1, d1Batch: 1, sign: 1 };
const REPORT: Parts = { request: 1, groupedWrite: 1 };
const COMPLETE: Parts = { request: 1, objectWrite: 1, d1Batch: 1 };
const CYCLE = together(CREATE, START, REPORT, COMPLETE);

const CYCLE_WHY =
  "create: session, hold, event and idempotency record in one grouped write, and the launch token signed; start: the launch token verified, a new object with its row and alarm, one D1 batch, the session token signed; report: one grouped write; complete: the object seals its end and sets its alarm, one D1 batch settles";

export const FLOORS: Record<ScenarioName, { parts: Parts; why: string }> = {
  catalogue: { parts: { bytes: 1 }, why: "remembered for five seconds: only the answer itself" },
  balance: { parts: { request: 1, d1Read: 1 }, why: "one D1 read; the access token was verified before" },
  cycle: { parts: CYCLE, why: CYCLE_WHY },
  hot: { parts: CYCLE, why: "the same: D1 is one writer, so one wallet or many cost the same" },
  heartbeat: { parts: { request: 1, objectCall: 1 }, why: "the object's memory; a row only when five seconds passed" },
  "live-beat": { parts: { socketBeat: 1 }, why: "answered by the platform; the object sleeps on" },
  consume: {
    parts: { request: 1.1, groupedWrite: 1.1 },
    why: "a tenth of the requests are duplicates, which D1 has to look at as well",
  },
  batch: { parts: { request: 1, groupedWrite50: 1 }, why: "fifty rows in one grouped write" },
  webhooks: {
    parts: { request: 1, groupedWrite: 1, send: 4.2, d1Batch: 0.04 },
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

/** What an operation costs beyond the request that asked for it; a request and what has no request cost all of it. */
export function ownMicros(operation: FloorOperation, measured: Partial<Record<FloorOperation, number>>): number | null {
  const [whole, request] = [measured[operation], measured.request];
  if (whole === undefined || request === undefined) return null;
  return operation === "request" || operation === "bytes" || operation === "socketBeat"
    ? whole
    : Math.max(0, whole - request);
}

function together(...requests: Parts[]): Parts {
  const total: Parts = {};
  for (const parts of requests)
    for (const [operation, count] of Object.entries(parts) as [FloorOperation, number][])
      total[operation] = (total[operation] ?? 0) + count;
  return total;
}
