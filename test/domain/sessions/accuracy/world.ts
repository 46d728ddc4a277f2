// People in front of pages, for the measurement of accuracy: they work, read, leave, close tabs and laptops, lose the
// network, pause, extend and end. Written from the SDK's behaviour (sdk/src/browser/session.ts), one second at a time;
// knows nothing of the meter. What comes out is what reaches the marketplace, with the millisecond at which it does.

import { BEAT_SECONDS, IDLE_SECONDS } from "../../../../sdk/src/protocol/session.ts";

export type Message = { at: number } & (
  | { kind: "beat"; active: boolean; actedAt: number }
  /** A beat the platform answers by itself: nobody hears of it, but its time can be read later, if it was the last. */
  | { kind: "answer" }
  | { kind: "pause" | "resume"; by: "page" | "user" }
  | { kind: "extend"; seconds: number }
  | { kind: "end" }
);

export interface Visit {
  durationSeconds: number;
  messages: Message[];
  /** What happened, for the count by kind. */
  kinds: Set<string>;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SECOND = 1000;
const BEAT_MS = BEAT_SECONDS * SECOND;
/** Nobody's visit is looked at for longer. */
const VISIT_MAX_SECONDS = 3 * 3600;

/** What somebody does for a while, and how likely it comes next. */
const HABITS = [
  { kind: "works", weight: 45, seconds: [30, 900] },
  { kind: "reads", weight: 15, seconds: [20, 110] },
  { kind: "leaves the desk", weight: 8, seconds: [125, 1200] },
  { kind: "closes the lid", weight: 5, seconds: [20, 2400] },
  { kind: "loses the network", weight: 6, seconds: [5, 300] },
  { kind: "reloads the page", weight: 4, seconds: [1, 3] },
  { kind: "closes the tab, comes back", weight: 3, seconds: [20, 600] },
  { kind: "pauses in the page", weight: 4, seconds: [10, 900] },
  { kind: "pauses on the marketplace", weight: 3, seconds: [10, 900] },
  { kind: "closes the tab", weight: 3, seconds: [0, 0] },
  { kind: "ends it", weight: 4, seconds: [0, 0] },
] as const;
type Habit = (typeof HABITS)[number]["kind"];

/** One visit, from the start of the session at 0. */
export function visit(random: () => number): Visit {
  const between = (from: number, to: number) => from + random() * (to - from);
  const durationSeconds = [300, 900, 1800, 3600][Math.floor(random() * 4)]!;
  // Wi-Fi, a phone, or a hotel; and now and then a proxy that delivers twice.
  const latencyMs = [40, 250, 1500][Math.floor(random() * 3)]!;
  const hasTwoTabs = random() < 0.1;
  const skewed = random() < 0.05;
  // Over a socket, what says no more than "here" is answered by the platform.
  const hasSocket = random() < 0.6;
  const messages: Message[] = [];
  const kinds = new Set<string>();
  if (hasTwoTabs) kinds.add("beats from two tabs");
  if (skewed) kinds.add("jumps of the page's clock");
  if (hasSocket) kinds.add("beats over a socket");

  let habit = "works" as Habit;
  let until = between(30, 900);
  let [isOpen, isAwake, isOnline, isPaused] = [true, true, true, false];
  let actsAt = 0;
  let [actedAt, hasActed] = [0, false];
  let [beatAt, failures] = [BEAT_MS, 0];
  // Words are said on a new connection, after every answer of the platform's own, and after a silence in which the page was
  // taken for gone: it is told so.
  let [inWords, heardAt] = [true, 0];

  const send = (it: Message, at: number) => {
    const arrives = Math.round(at + between(0.5, 2) * latencyMs);
    messages.push({ ...it, at: arrives });
    if (random() < 0.005) {
      messages.push({ ...it, at: arrives + Math.round(between(1, 5000)) });
      kinds.add("messages delivered twice");
    }
  };
  const beat = (at: number, isLast = false) => {
    const words = { kind: "beat", active: hasActed, actedAt: Math.round(actedAt), at } as const;
    const isQuiet = hasSocket && !inWords && !isLast && !hasActed;
    const it: Message = isQuiet ? { kind: "answer", at } : words;
    if (!isOnline || (isLast && random() < 0.1)) {
      beatAt = at + Math.min(SECOND * 2 ** failures++, BEAT_MS);
      return;
    }
    send(it, at);
    if (isQuiet && at - heardAt > 85 * SECOND) send(words, at + 2 * latencyMs);
    [inWords, heardAt] = [isQuiet, at];
    if (hasTwoTabs && !isLast && random() < 0.5) send(it, at + between(0, 20_000));
    [hasActed, failures] = [false, 0];
    beatAt = at + BEAT_MS + 2 * latencyMs;
  };
  const opens = (at: number) => {
    [isOpen, inWords] = [true, true];
    // A fresh page beats at once; a click brought it up.
    [actedAt, hasActed] = [at, true];
    beat(at);
  };
  const next = (at: number) => {
    if (habit === "closes the lid") [isAwake, beatAt] = [true, at];
    if (habit === "loses the network") [isOnline, inWords, beatAt] = [true, true, at];
    if (habit === "reloads the page" || habit === "closes the tab, comes back") opens(at);
    if (isPaused) {
      isPaused = false;
      send({ kind: "resume", by: habit === "pauses in the page" ? "page" : "user", at }, at);
    }
    let pick = random() * HABITS.reduce((sum, { weight }) => sum + weight, 0);
    const found = HABITS.find(({ weight }) => (pick -= weight) < 0) ?? HABITS[0];
    habit = found.kind;
    kinds.add(habit);
    until = at + SECOND * between(found.seconds[0], found.seconds[1]);
    actsAt = at + between(0, 20 * SECOND);
    if (habit === "closes the lid") isAwake = false;
    if (habit === "loses the network") isOnline = false;
    if (habit.startsWith("closes the tab") || habit === "reloads the page") {
      beat(at, true);
      isOpen = false;
    }
    if (habit.startsWith("pauses")) {
      isPaused = true;
      send({ kind: "pause", by: habit === "pauses in the page" ? "page" : "user", at }, at);
    }
    if (habit === "ends it") send({ kind: "end", at }, at);
  };

  until *= SECOND;
  for (let at = SECOND; at < VISIT_MAX_SECONDS * SECOND; at += SECOND) {
    if (at >= until) {
      if (habit === "closes the tab" || habit === "ends it") break;
      next(at);
    }
    if (!isOpen || !isAwake) continue;
    if ((habit === "works" || habit === "loses the network") && at >= actsAt) {
      const wasIdle = at - actedAt >= IDLE_SECONDS * SECOND;
      actedAt = at - random() * SECOND;
      hasActed = true;
      actsAt = at + between(0, random() < 0.9 ? 20_000 : 130_000);
      if (wasIdle) beat(at);
    }
    if (at >= beatAt) beat(at);
    if (skewed && random() < 0.001) beat(at);
    // The page counts down to zero and asks; here it simply asks when the limit could be reached.
    if (at % (durationSeconds * SECOND) === 0) {
      inWords = true;
      beat(at);
    }
    if (random() < 0.0002) {
      kinds.add("extends");
      send({ kind: "extend", seconds: 300, at }, at);
    }
  }
  return { durationSeconds, messages: messages.toSorted((a, b) => a.at - b.at), kinds };
}
