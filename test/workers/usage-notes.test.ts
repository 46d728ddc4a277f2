// What a session's page is told of reported use: a fresh figure, and never an old one for good.

import { expect, it } from "vitest";
import type { KnownUsage } from "../../domain/sessions/close-session.ts";
import { noteUsage } from "../../workers/routes/usage-notes.ts";

const labels = (reports: number): KnownUsage => ({ reports, usedMicro: { label: reports * 4_000_000 } });

/** A session, and the waits that are under way for it. */
function session(id: string) {
  const told: KnownUsage[] = [];
  const waits: { ms: number; over: () => void }[] = [];
  const wait = (ms: number) => new Promise<void>((over) => waits.push({ ms, over }));
  const tell = (usage: KnownUsage) => Promise.resolve(void told.push(usage));
  const note = async (usage: KnownUsage, now: number): Promise<void> =>
    void (await noteUsage(id, usage, now, { tell, wait }));
  return { told, waits, note };
}

// The first report of a burst was told and the others were not, so a page showed 3 tokens until the bill said 14.
it("tells the first report at once, and all that follow it together within two seconds", async () => {
  const { told, waits, note } = session("burst");
  await note(labels(1), 10_000);
  const late = [note(labels(2), 10_100), note(labels(4), 10_400), note(labels(3), 10_300)];
  expect(told).toEqual([labels(1)]);
  expect(waits.map(({ ms }) => ms)).toEqual([1_900]);
  waits[0]!.over();
  await Promise.all(late);
  expect(told).toEqual([labels(1), labels(4)]);
});

it("counts the two seconds from the last note, whichever it was", async () => {
  const { told, waits, note } = session("steady");
  await note(labels(1), 10_000);
  const second = note(labels(2), 11_500);
  waits[0]!.over();
  await second;
  const third = note(labels(3), 12_500);
  expect(waits.map(({ ms }) => ms)).toEqual([500, 1_500]);
  waits[1]!.over();
  await third;
  await note(labels(4), 20_000);
  expect(told).toEqual([1, 2, 3, 4].map(labels));
});

it("is not silenced by a clock that was set back", async () => {
  const { told, note } = session("set back");
  await note(labels(1), 5_000_000);
  await note(labels(2), 10_000);
  expect(told).toEqual([labels(1), labels(2)]);
});

it("is not silenced by a wait that was cut off with its request", async () => {
  const { told, waits, note } = session("cut off");
  await note(labels(1), 10_000);
  void note(labels(2), 10_100);
  await note(labels(3), 60_000);
  expect(told).toEqual([labels(1), labels(3)]);
  waits[0]!.over();
});
