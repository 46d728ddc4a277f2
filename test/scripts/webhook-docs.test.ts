// docs/webhooks.md says what the code does.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { RETRY_DELAYS_MS } from "../../domain/webhooks/schedule.ts";
import { WEBHOOK_EVENT_TYPES } from "../../sdk/src/protocol/webhooks.ts";

const page = readFileSync(`${import.meta.dirname}/../../docs/webhooks.md`, "utf8");

it("names every event type, and no other", () => {
  const named = [...page.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap((row) =>
    [...row[1]!.matchAll(/`((?:session|subscription|tokens|usage|provider|user|payout|webhook)\.\w+)`/g)].map(
      (type) => type[1]!,
    ),
  );
  expect(named.toSorted()).toEqual([...WEBHOOK_EVENT_TYPES, "webhook.test"].toSorted());
});

it("tells the schedule that is kept", () => {
  const [, seconds, minutes, hours] =
    /at once, then after ([\d, and]+) seconds, ([\d, and]+) minutes, ([\d, and]+) hours/.exec(
      page.replace(/\s+/g, " "),
    )!;
  const waits = (text: string | undefined, unitMs: number) => text!.match(/\d+/g)!.map((wait) => Number(wait) * unitMs);
  expect([...waits(seconds, 1_000), ...waits(minutes, 60_000), ...waits(hours, 3_600_000)]).toEqual(RETRY_DELAYS_MS);
});
