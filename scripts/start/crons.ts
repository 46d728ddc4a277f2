// Fires the Worker's schedules, which nothing local does by itself.

import type { Miniflare } from "miniflare";
import { API_WORKER, cronSchedules } from "./runtime.ts";

const MINUTE_MS = 60_000;

/** Looks at every full minute which schedules are due. @returns A function that stops it. */
export function startCrons(miniflare: Miniflare): () => void {
  const schedules = cronSchedules();
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(
      () => {
        const minute = new Date(Math.round(Date.now() / MINUTE_MS) * MINUTE_MS);
        for (const schedule of schedules.filter((cron) => isDue(cron, minute))) void fire(miniflare, schedule, minute);
        next();
      },
      MINUTE_MS - (Date.now() % MINUTE_MS),
    );
  };
  next();
  return () => clearTimeout(timer);
}

/** Runs one schedule now. A failure is said, and the next minute tries again. */
export async function fire(miniflare: Miniflare, cron: string, at = new Date()): Promise<void> {
  try {
    const worker = await miniflare.getWorker(API_WORKER);
    await worker.scheduled({ cron, scheduledTime: at });
  } catch (error) {
    console.error(`schedule "${cron}" failed: ${(error as Error).message}`);
  }
}

/** Whether a five-field cron expression names this minute (UTC). Fields: `*`, steps, numbers, lists and ranges. */
export function isDue(cron: string, at: Date): boolean {
  const now = [at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCDay()];
  return cron.split(/\s+/).every((field, index) => field.split(",").some((part) => matches(part, now[index]!)));
}

function matches(part: string, value: number): boolean {
  const [range = "*", step = "1"] = part.split("/");
  if (range === "*") return value % Number(step) === 0;
  const [from, to = from] = range.split("-").map(Number) as [number, number?];
  return value >= from && value <= to && (value - from) % Number(step) === 0;
}
