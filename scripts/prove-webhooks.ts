// `npm run prove-webhooks`: whether a webhook is ever lost. A load of usage reports against a whole stack of its own, four
// endpoints that answer one delivery in twenty with 500, and `kill -9` of the runtime every two seconds; afterwards every
// event of every acknowledged report must be at every endpoint, each signature checked by the independent `standardwebhooks`
// library. Fails when one is missing or wrong; how late they came is printed, for calm seconds and for those of the kills.

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { brokenPromises } from "../test/support/books.ts";
import { Marketplace, type Person } from "../test/support/marketplace.ts";
import { startStack } from "../test/support/stack.ts";
import { openVerifyingSink, type VerifyingSink } from "../test/support/verifying-sink.ts";
import { runtimePids } from "./start/instance.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    every: { type: "string", default: "2" },
    calm: { type: "string", default: "15" },
    connections: { type: "string", default: "16" },
  },
});
const KILL_SECONDS = Number(values.seconds);
const KILL_EVERY_MS = Number(values.every) * 1_000;
const CALM_SECONDS = Number(values.calm);
const CONNECTIONS = Number(values.connections);
const ENDPOINTS = 4;
const REFUSED_SHARE = 0.05;
/** A hint lost in a kill is made good by the sweeper within the minute, a refused delivery by its retries. */
const SETTLE_MS = 150_000;
const PEOPLE = 4;

const [stack, sink] = await Promise.all([startStack(), openVerifyingSink(ENDPOINTS, REFUSED_SHARE)]);
const market = new Marketplace(stack.origins, { patientMs: 90_000 });
let isFailed = false;
try {
  const provider = await register(await market.register());
  const sessions = await Promise.all(Array.from({ length: PEOPLE }, () => openSession(provider.id)));
  const acknowledged: string[] = [];
  const load = { isOver: false };
  const reporters = Array.from({ length: CONNECTIONS }, async (_, index) => {
    while (!load.isOver) acknowledged.push(await report(provider.apiKey, sessions[index % PEOPLE]!));
  });
  const calmSince = Date.now();
  await setTimeout(CALM_SECONDS * 1_000);
  const killsSince = Date.now();
  let kills = 0;
  while (Date.now() - killsSince < KILL_SECONDS * 1_000) {
    for (const pid of runtimePids(stack.stateDir)) if (kill(pid)) kills++;
    await setTimeout(KILL_EVERY_MS);
  }
  const killsUntil = Date.now();
  load.isOver = true;
  await Promise.all(reporters);
  const missing = await untilNoneMissing(acknowledged);
  const { verified, refused, duplicates, badSignatures } = sink.counts;
  console.log(
    `${acknowledged.length} events to ${ENDPOINTS} endpoints, ${kills} kills of the runtime in ${KILL_SECONDS} s`,
  );
  console.log(`missing ${missing.length} of ${acknowledged.length * ENDPOINTS}, bad signatures ${badSignatures}`);
  console.log(`verified ${verified}, answered 500 ${refused}, came twice ${duplicates}`);
  console.log(`lag in calm seconds: ${lagBetween(sink, calmSince, killsSince)}`);
  console.log(`lag under the kills: ${lagBetween(sink, killsSince, killsUntil)}`);
  await stack.stop();
  const broken = await brokenPromises(stack.stateDir);
  for (const one of broken) console.error(one);
  isFailed = missing.length > 0 || badSignatures > 0 || broken.length > 0;
} finally {
  await stack.stop().catch(() => undefined);
  await sink.close();
  stack.forget();
}
process.exit(isFailed ? 1 : 0);

/** An app whose every accepted report is one event, and its four endpoints. */
async function register(owner: Person): Promise<{ id: string; apiKey: string }> {
  const { provider, apiKey } = await market.must<{ provider: { id: string }; apiKey: string }>(
    "POST",
    "/v1/provider/register",
    {
      bearer: owner.token,
      body: {
        name: "Much Reported",
        description: "An app whose marketplace is killed while it reports.",
        category: "other",
        useCases: ["report a lot"],
        appUrl: `${sink.origin}/app`,
        logoUrl: `${sink.origin}/logo.png`,
        pricing: [{ meter: "call", price: { model: "per_unit", unit: "0.001" }, holdPerHour: "100000" }],
      },
    },
  );
  for (const [index, { url }] of sink.endpoints.entries()) {
    const { webhook } = await market.must<{ webhook: { secret: string } }>("POST", "/v1/provider/webhooks", {
      bearer: apiKey,
      body: { url, events: ["tokens.consumed"] },
    });
    sink.expect(index, webhook.secret);
  }
  return { id: provider.id, apiKey };
}

async function openSession(providerId: string): Promise<string> {
  const person = await market.register();
  await market.buyTokens(person, 1_000);
  const { id, launchToken } = await market.createSession(person, providerId, 180);
  await market.redeem(launchToken);
  return id;
}

/** @returns the key of a report that was answered as accepted, now or by an answer that got lost. */
async function report(apiKey: string, sessionId: string): Promise<string> {
  const idempotencyKey = randomUUID();
  for (;;) {
    const { results } = await market.must<{ results: { status: string }[] }>("POST", "/v1/provider/tokens/report", {
      bearer: apiKey,
      body: { events: [{ sessionId, meter: "call", units: 1, idempotencyKey }] },
    });
    const status = results[0]!.status;
    if (status === "accepted" || status === "duplicate") return idempotencyKey;
    if (status !== "unavailable") throw new Error(`report answered ${status}`);
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    // It is being started again at this moment.
    return false;
  }
}

async function untilNoneMissing(acknowledged: string[]): Promise<string[]> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const missing = sink.endpoints.flatMap(({ received }) => {
      const arrived = new Set([...received.values()].map(({ data }) => data.idempotencyKey));
      return acknowledged.filter((key) => !arrived.has(key));
    });
    if (missing.length === 0 || Date.now() > until) return missing;
    await setTimeout(500);
  }
}

function lagBetween({ lags }: VerifyingSink, from: number, to: number): string {
  const sorted = lags.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms);
  sorted.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms over ${sorted.length} deliveries`;
}
