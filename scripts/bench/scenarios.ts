// What is measured, each as the work of one connection's turn. A scenario prepares its sessions once, runs in several
// windows, and ends what it opened; what was accepted is remembered and checked at the end.

import { each } from "./client.ts";
import type { Market, Person, Tracked } from "./market.ts";
import type { Recorder } from "./measure.ts";
import { percentile } from "./figures.ts";
import type { Options } from "./options.ts";
import { openBeatSocket } from "./sockets.ts";
import { openWebhookSink } from "./webhook-sink.ts";

export interface Run {
  work: (recorder: Recorder, worker: number) => Promise<number>;
  /** Part of the measured CPU: what is due because of the work. */
  settle?: () => Promise<void>;
  /** After the last window. @returns figures beyond those every window has. */
  finish?: () => Promise<Record<string, number | null>>;
}

export type ScenarioName =
  | "catalogue"
  | "balance"
  | "heartbeat"
  | "beat"
  | "consume"
  | "use"
  | "batch"
  | "webhooks"
  | "cycle"
  | "hot";

export interface Scenario {
  what: string;
  unit: string;
  /** Instead of the usual number. */
  connections?: number;
  /** What an implementation does for the same end that lacks what this needs. */
  otherwise?: { without: "socket" | "client"; runs: ScenarioName };
  open: (market: Market, options: Options) => Promise<Run>;
}

const DUPLICATE_SHARE = 0.05;
const BATCH_EVENTS = 50;
const SOCKETS = 200;
const BEAT_IN_WORDS = JSON.stringify({ action: "heartbeat", active: true, actedSecondsAgo: 3.5 });
const ENDPOINTS = 4;
const WEBHOOK_CONNECTIONS = 4;
const WEBHOOK_SESSIONS = 50;
const WEBHOOK_TYPES = ["tokens.consumed", "session.completed"];
const WEBHOOK_WAIT_MS = 60_000;
/** Keys to repeat later are drawn from so many. */
const REPEATABLE_MAX = 20_000;

export const SCENARIOS: Record<ScenarioName, Scenario> = {
  catalogue: {
    what: "first page of the catalogue, 50 apps",
    unit: "answer",
    open: async ({ adapter }) => ({
      work: async (recorder) => counted((await recorder.send(adapter.catalogue())).status),
    }),
  },
  balance: {
    what: "balance of a signed-in person",
    unit: "answer",
    open: async (market) => ({
      work: async (recorder) =>
        counted((await recorder.send(market.adapter.balance(market.pick(market.people)))).status),
    }),
  },
  heartbeat: {
    what: "heartbeat over HTTP",
    unit: "beat",
    open: async (market, { liveSessions }) => {
      const live = await market.openMany(liveSessions, market.apps.beat);
      let next = 0;
      return {
        work: async (recorder) => {
          const { session } = live[next++ % live.length]!;
          return counted((await recorder.send(market.adapter.heartbeat(session))).status);
        },
        finish: () => ended(market, live),
      };
    },
  },
  beat: {
    what: `a page's beat as each SDK sends it: ours over its WebSocket, every other one in words; ${SOCKETS} pages. The peer's is a request`,
    unit: "beat",
    otherwise: { without: "socket", runs: "heartbeat" },
    open: async (market, { connections }) => {
      const live = await market.openMany(SOCKETS, market.apps.beat);
      const sockets = await Promise.all(
        live.map(({ session }) => {
          const { path, protocols, headers } = market.adapter.socket!(session);
          return openBeatSocket(`${market.origin.replace("http", "ws")}${path}`, protocols, headers);
        }),
      );
      // Each worker has sockets of its own, so that no two wait for an answer on one.
      const own = Array.from({ length: connections }, (_, worker) =>
        sockets
          .filter((_socket, index) => index % connections === worker)
          .map((socket) => ({ socket, inWords: false })),
      );
      return {
        work: async (_recorder, worker) => {
          const page = own[worker]!.shift()!;
          await page.socket.say(page.inWords ? BEAT_IN_WORDS : "beat");
          own[worker]!.push({ ...page, inWords: !page.inWords });
          return 1;
        },
        finish: async () => {
          for (const socket of sockets) socket.close();
          return ended(market, live);
        },
      };
    },
  },
  consume: {
    what: "one usage report; 10 % are duplicates (half later, half at once)",
    unit: "new report",
    open: (market) => openConsume(market, (tracked, event, recorder) => market.report(tracked, event, recorder)),
  },
  use: {
    what: "the same as each SDK sends it: with ours, what is reported while four requests are under way shares the next; the peer's is a request of its own",
    unit: "new report",
    otherwise: { without: "client", runs: "consume" },
    open: (market) => openConsume(market, (tracked, event) => market.consume(tracked, event)),
  },
  batch: {
    what: `${BATCH_EVENTS} usage reports a request`,
    unit: `batch of ${BATCH_EVENTS}`,
    open: async (market, { connections }) => {
      const live = await market.openMany(market.people.length, market.apps.big);
      const share = Math.max(1, Math.floor(live.length / connections));
      return {
        work: async (recorder, worker) => {
          const tracked = Array.from(
            { length: BATCH_EVENTS },
            () => live[(worker + connections * Math.floor(market.random() * share)) % live.length]!,
          );
          const events = tracked.map((it) => market.eventOf(it, 1));
          const answer = await recorder.send(market.adapter.reportBatch(market.apps.big, events));
          if (answer.status !== 200) {
            if (answer.status === 0) market.problem("a batch was never answered");
            return 0;
          }
          const taken = market.adapter.readBatch(JSON.parse(answer.text));
          for (const [index, isTaken] of taken.entries())
            if (isTaken) tracked[index]!.accepted.set(events[index]!.key, 1);
          return 1;
        },
        finish: () => ended(market, live),
      };
    },
  },
  webhooks: {
    what: `one report and its event at ${ENDPOINTS} endpoints, 5 % answered 500 once`,
    unit: `event, ${ENDPOINTS} deliveries`,
    connections: WEBHOOK_CONNECTIONS,
    open: openWebhooks,
  },
  // Last: what their thousands of objects still do later (leave memory, forget after 90 s) falls into no other's windows.
  cycle: {
    what: "create + start + report + complete",
    unit: "cycle of 4 requests",
    open: async (market) => ({ work: (recorder) => cycle(market, market.pick(market.people), recorder) }),
  },
  hot: {
    what: "the same, every connection on one wallet",
    unit: "cycle of 4 requests",
    open: async (market) => ({ work: (recorder) => cycle(market, market.people[0]!, recorder) }),
  },
};

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

const counted = (status: number): number => (status >= 200 && status < 300 ? 1 : 0);

async function cycle(market: Market, person: Person, recorder: Recorder): Promise<number> {
  const tracked = await market.create(person, market.apps.cycle, recorder);
  if (!tracked || !(await market.start(tracked, recorder))) return 0;
  await market.report(tracked, market.eventOf(tracked, 7), recorder);
  return (await market.complete(tracked, recorder)) ? 1 : 0;
}

type Report = (tracked: Tracked, event: ReturnType<Market["eventOf"]>, recorder: Recorder) => Promise<boolean>;

async function openConsume(market: Market, report: Report): Promise<Run> {
  const live = await market.openMany(market.people.length, market.apps.big);
  const sent: { tracked: Tracked; event: ReturnType<Market["eventOf"]> }[] = [];
  let duplicates = 0;
  return {
    work: async (recorder) => {
      if (sent.length > 0 && market.random() < DUPLICATE_SHARE) {
        duplicates++;
        const { tracked, event } = market.pick(sent);
        await report(tracked, event, recorder);
        return 0;
      }
      const tracked = market.pick(live);
      const event = market.eventOf(tracked, 1 + Math.floor(market.random() * 5));
      const isRace = market.random() < DUPLICATE_SHARE;
      if (isRace) duplicates++;
      const [isTaken] = await Promise.all([
        report(tracked, event, recorder),
        ...(isRace ? [report(tracked, event, recorder)] : []),
      ]);
      if (!isTaken) return 0;
      if (sent.length < REPEATABLE_MAX) sent.push({ tracked, event });
      return 1;
    },
    finish: async () => ({ ...(await ended(market, live)), duplicatesSent: duplicates }),
  };
}

async function openWebhooks(market: Market): Promise<Run> {
  const { adapter, apps } = market;
  const sink = await openWebhookSink(adapter, WEBHOOK_TYPES, market.random);
  for (let endpoint = 0; endpoint < ENDPOINTS; endpoint++)
    sink.endpoints.push(
      adapter.readWebhook(await market.must(adapter.registerWebhook(apps.hook, sink.url(endpoint), WEBHOOK_TYPES))),
    );
  const live = await market.openMany(Math.min(WEBHOOK_SESSIONS, market.people.length), apps.hook);
  let events = 0;
  const untilDelivered = async (): Promise<void> => {
    const deadline = Date.now() + WEBHOOK_WAIT_MS;
    while (sink.arrived() < events * ENDPOINTS && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  return {
    work: async (recorder) => {
      const tracked = market.pick(live);
      const isTaken = await market.report(tracked, market.eventOf(tracked, 1), recorder);
      if (isTaken) events++;
      return isTaken ? 1 : 0;
    },
    settle: untilDelivered,
    finish: async () => {
      await ended(market, live);
      events += live.filter(({ isCompleted }) => isCompleted).length;
      await untilDelivered();
      const missing = events * ENDPOINTS - sink.arrived();
      if (missing !== 0) market.problem(`webhooks: ${missing} of ${events * ENDPOINTS} deliveries missing`);
      if (sink.badSignatures() > 0) market.problem(`webhooks: ${sink.badSignatures()} bad signatures`);
      await sink.close();
      return {
        delivered: sink.arrived(),
        missing,
        duplicates: sink.duplicates(),
        badSignatures: sink.badSignatures(),
        refusedOnce: sink.refusedOnce(),
        lagP50Ms: percentile(sink.lagsMs, 0.5),
        lagP99Ms: percentile(sink.lagsMs, 0.99),
      };
    },
  };
}

/** Ends the sessions of a scenario; each answer is checked against what was accepted. */
async function ended(market: Market, live: Tracked[]): Promise<Record<string, number>> {
  await each(live.length, 16, (index) => market.complete(live[index]!));
  return { sessionsEnded: live.filter(({ isCompleted }) => isCompleted).length };
}
