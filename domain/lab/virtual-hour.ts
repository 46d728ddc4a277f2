// An hour of a session in no time: the real clock, fed by a page that loses beats, sends some twice, is left alone and comes
// back. What comes out is compared with a plain account of the same hour, second by second.

import { BEAT_SECONDS, IDLE_SECONDS } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import { sessionEvent, transitionEvents, type EventParties, type SessionEvent } from "../sessions/events.ts";
import type { Meter } from "../sessions/meter-state.ts";
import { activeSeconds, advance, beat, startMeter, type Transition } from "../sessions/meter.ts";

const LIMIT_SECONDS = 3_600;
/** Long enough for an hour of active time with its pauses. */
const WATCHED_SECONDS = 4_800;
/** When the network is gone: longer than a lost heartbeat takes. */
const OFFLINE = { from: 600, until: 840 } as const;
/** One beat that does not arrive: the gap is shorter than what stops the clock. */
const DROPPED_AT = 1_230;
/** When nobody touches the page, though it beats: longer than idle takes. */
const AWAY = { from: 1_800, until: 2_400 } as const;
/** Every beat from here on arrives twice, a moment apart. */
const DOUBLED_FROM = 2_700;

export interface VirtualHour {
  activeSeconds: number;
  /** What the plain account of the same hour comes to: the limit in active seconds, and when it was reached. */
  expected: { activeSeconds: number; endedAtSecond: number };
  pauses: { cause: string; atSecond: number }[];
  endedAtSecond: number | null;
  endReason: string | null;
  beats: number;
  dropped: number;
  doubled: number;
}

const within = (second: number, span: { from: number; until: number }): boolean =>
  second >= span.from && second < span.until;

/** @param startedAt Any moment; every time that comes out follows from it. */
export function playHour(parties: EventParties, startedAt: Millis): { hour: VirtualHour; events: SessionEvent[] } {
  const events: SessionEvent[] = [
    sessionEvent("session.started", parties, startedAt, { startedAt: new Date(startedAt).toISOString() }),
  ];
  const pauses: VirtualHour["pauses"] = [];
  let meter: Meter = startMeter(startedAt, LIMIT_SECONDS);
  let [beats, dropped, doubled] = [0, 0, 0];
  const take = ({ meter: next, transitions }: { meter: Meter; transitions: Transition[] }) => {
    meter = next;
    for (const transition of transitions) {
      if (transition.kind === "paused")
        pauses.push({ cause: transition.cause, atSecond: Math.round((transition.at - startedAt) / 1000) });
      events.push(...transitionEvents(transition, parties, meter));
    }
  };
  for (let second = BEAT_SECONDS; second <= WATCHED_SECONDS && !meter.ended; second += BEAT_SECONDS) {
    const now = startedAt + second * 1000;
    if (within(second, OFFLINE) || second === DROPPED_AT) {
      dropped++;
      take(advance(meter, now));
      continue;
    }
    beats++;
    take(beat(meter, now, !within(second, AWAY)));
    if (second >= DOUBLED_FROM && !meter.ended) {
      doubled++;
      take(beat(meter, now + 120, true));
    }
  }
  const { ended } = meter;
  if (ended) {
    const facts = { endReason: ended.reason, activeSeconds: activeSeconds(meter, ended.at) };
    events.push(sessionEvent("session.completed", parties, ended.at, { status: "completed", ...facts }));
    events.push(sessionEvent("session.settled", parties, ended.at, { ...facts, tokensConsumed: 0, tokensRefunded: 0 }));
  }
  const hour: VirtualHour = {
    activeSeconds: activeSeconds(meter, ended?.at ?? startedAt + WATCHED_SECONDS * 1000),
    expected: plainAccount(),
    pauses,
    endedAtSecond: ended && Math.round((ended.at - startedAt) / 1000),
    endReason: ended?.reason ?? null,
    beats,
    dropped,
    doubled,
  };
  return { hour, events };
}

/**
 * The same hour counted by hand: time runs, but not from the last beat before the network went until it was back, nor from two
 * minutes after the last sign of somebody until they were back. One beat that is lost, and beats that come twice, change nothing.
 */
function plainAccount(): VirtualHour["expected"] {
  const lastBeatBefore = (second: number) => Math.floor((second - 1) / BEAT_SECONDS) * BEAT_SECONDS;
  const offline = OFFLINE.until - lastBeatBefore(OFFLINE.from);
  const away = AWAY.until - (lastBeatBefore(AWAY.from) + IDLE_SECONDS);
  return { activeSeconds: LIMIT_SECONDS, endedAtSecond: LIMIT_SECONDS + offline + away };
}
