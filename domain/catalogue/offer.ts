// Which price an app offers a person at a moment. Pure but for one hash: who has the app's versions and the person's facts
// gets the same answer anywhere. docs/decisions/0031-which-price-is-on-offer.md.

import type { Millis } from "../clock.ts";
import { sha256Hex } from "../ids.ts";
import type { PriceComponent } from "../pricing/components.ts";

/** A price of an app; nothing of it ever changes. */
export interface PriceVersion {
  id: string;
  components: PriceComponent[];
  feeBasisPoints: number;
  /** Free active seconds at the start, once for each person and app. */
  trialSeconds: number;
  effectiveAt: Millis;
  /** Until then people who used the app before `effectiveAt` keep the price before this one. */
  keepUntil: Millis | null;
}

/** Two prices tried side by side. */
export interface PriceTest {
  id: string;
  baseVersionId: string;
  test: PriceVersion;
  /** Of people, who are shown the test price. */
  testShareBasisPoints: number;
  startedAt: Millis;
}

export interface AppPrices {
  /** List prices, newest first, those that have not started yet included; withdrawn ones are not. */
  versions: PriceVersion[];
  experiment: PriceTest | null;
}

export type Arm = "base" | "test";
export interface Offer {
  version: PriceVersion;
  /** The list price, which differs where the person keeps an older one or is in a test. */
  list: PriceVersion;
  /** `kept`: an older price the person keeps until `keptUntil`. */
  because: "list" | "kept" | "experiment";
  keptUntil: Millis | null;
  /** The running test that concerns this person; `arm` null for somebody we do not know. */
  experiment: (PriceTest & { arm: Arm | null }) | null;
}

/** The list price at a moment. @returns null before the first one has started. */
export const listPriceAt = (versions: readonly PriceVersion[], at: Millis): PriceVersion | null =>
  versions.find((version) => version.effectiveAt <= at) ?? null;

/** The next list price, if one is announced. */
export const nextPriceAfter = (versions: readonly PriceVersion[], at: Millis): PriceVersion | null =>
  versions.filter((version) => version.effectiveAt > at).at(-1) ?? null;

/**
 * The price for a person.
 * @param person Null for somebody who is not signed in: they see the list price and that there is a test.
 * @param person.since When the person first used this app; null: never.
 * @returns null while no price has started.
 */
export async function offerFor(
  { versions, experiment }: AppPrices,
  person: { userId: string; since: Millis | null } | null,
  now: Millis,
): Promise<Offer | null> {
  const list = listPriceAt(versions, now);
  if (!list) return null;
  const { version, keptUntil } = keptPrice(versions, list, person?.since ?? null, now);
  if (version !== list) return { version, list, because: "kept", keptUntil, experiment: null };
  if (experiment?.baseVersionId !== list.id)
    return { version: list, list, because: "list", keptUntil: null, experiment: null };
  const arm = person && (await armOf(experiment, person.userId));
  return {
    version: arm === "test" ? experiment.test : list,
    list,
    because: "experiment",
    keptUntil: null,
    experiment: { ...experiment, arm },
  };
}

/**
 * Which price of a test a person gets: the same at every look, on every device, and checkable by whoever knows the two ids:
 * the first eight hex digits of SHA-256("<test>:<person>"), modulo 10,000, are below the test's share.
 */
export async function armOf(experiment: Pick<PriceTest, "id" | "testShareBasisPoints">, userId: string): Promise<Arm> {
  const digest = await sha256Hex(`${experiment.id}:${userId}`);
  return Number.parseInt(digest.slice(0, 8), 16) % 10_000 < experiment.testShareBasisPoints ? "test" : "base";
}

/** Walks back from the list price as long as each newer price leaves the older one to this person. */
function keptPrice(
  versions: readonly PriceVersion[],
  list: PriceVersion,
  since: Millis | null,
  now: Millis,
): { version: PriceVersion; keptUntil: Millis | null } {
  let version = list;
  let keptUntil: Millis | null = null;
  for (let index = versions.indexOf(list); index < versions.length - 1; index++) {
    const newer = versions[index]!;
    const isLeft = newer.keepUntil !== null && newer.keepUntil > now && since !== null && since < newer.effectiveAt;
    if (!isLeft) break;
    version = versions[index + 1]!;
    keptUntil = Math.min(keptUntil ?? Infinity, newer.keepUntil!);
  }
  return { version, keptUntil };
}

/** Whether the answer depends on when the person first used the app; only then somebody has to look. */
export const dependsOnSince = ({ versions }: AppPrices, now: Millis): boolean =>
  versions.some((version) => version.keepUntil !== null && version.keepUntil > now && version.effectiveAt <= now);

/** What a person has had of an app's free minutes. */
export interface Trial {
  grantedSeconds: number;
  usedSeconds: number;
  /** The open session that has all that is left. */
  sessionId: string | null;
}

/** Free seconds a session started now would begin with. */
export const trialLeft = (version: PriceVersion, trial: Trial | null): number => {
  if (version.trialSeconds === 0) return 0;
  if (!trial) return version.trialSeconds;
  return trial.sessionId === null ? trial.grantedSeconds - trial.usedSeconds : 0;
};
