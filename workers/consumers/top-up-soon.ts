// Somebody whose page is open has run low: look at once instead of with the next minute.

import { wallClock } from "../../domain/clock.ts";
import type { PersonEvent } from "../../domain/live/store.ts";
import { topUp } from "../cron/top-up.ts";
import type { Env } from "../env.ts";
import { sendHint } from "./hint.ts";

export const hasRunLow = (news: PersonEvent[]): boolean => news.some(({ type }) => type === "top_up.due");

/** Never fails: what goes wrong here is cron's to repeat. */
export async function topUpSoon(env: Env): Promise<void> {
  try {
    await topUp(env, wallClock());
    // The new balance is news for the same open page.
    await sendHint(env);
  } catch (error) {
    console.error(JSON.stringify({ message: "top-up stopped", error: String(error) }));
  }
}
