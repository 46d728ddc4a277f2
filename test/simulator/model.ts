// What the people and apps of a history know: what they asked for and what they were told. The checks compare it with the
// books; it is never read from them.

import type { App, Person } from "./inhabitants.ts";
import type { PageSocket } from "./sockets.ts";

/** A purchase whose checkout page was opened for the buyer. */
export interface Purchase {
  person: Person;
  orderId: string;
  checkoutId: string;
  tokens: number;
}

/** What was done to a running clock (an `answer` is a beat the platform answered by itself), when, and whether the one who did it heard that it worked. */
export interface Command {
  kind: "beat" | "activity" | "answer" | "pause" | "resume" | "end";
  by: "user" | "page" | "provider";
  at: number;
}

/** A session as its person knows it. */
export interface Run {
  id: string;
  person: Person;
  app: App;
  /** The most it can cost, as shown at the start and with each extension that was confirmed. */
  shownMost: number;
  /** Of it, the one extension they agreed to at the start: its hold, by the same price. */
  consented: number;
  /** How many times the app's first price its own is, as it was shown. */
  scale: number;
  launchToken: string;
  /** Of the page, so that a lost start can be asked again. */
  nonce: string;
  sessionToken: string | null;
  startedAt: number | null;
  /** The live socket of the page, where it has opened one. */
  page?: PageSocket | null;
  /** Duration in seconds, extensions included; each with the moment it was known. */
  durations: { at: number; seconds: number }[];
  commands: Command[];
  /** Commands that may or may not have reached the clock. */
  maybe: Command[];
  /** The reference is then a bound from above, not the exact figure. */
  isDoubtful: boolean;
  /** An extension was asked for and not answered yet, so the most it can cost is not known. */
  isExtensionOpen: boolean;
  /** Units (of the app's meter) that were confirmed as accepted, by their key. */
  reported: Map<string, number>;
  /** What the page said it saw, in units; the largest it said counts. */
  figures?: number[];
  /** Reports the provider may have shown as evidence, by their keys. */
  maybeShown?: string[];
  settled: boolean;
}
