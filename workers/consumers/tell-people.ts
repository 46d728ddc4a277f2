// Events on their way to webhooks are also news to the people they are about: those with a socket open hear them here.

import type { PersonEvent } from "../../domain/live/store.ts";
import type { Env } from "../env.ts";

/** A channel that fails loses nothing that matters: a page asks for the state when it reconnects. */
export async function tellPeople(env: Env, events: PersonEvent[]): Promise<void> {
  const byPerson = Map.groupBy(events, ({ userId }) => userId);
  await Promise.allSettled([...byPerson].map(([userId, news]) => env.USERS.getByName(userId).tell(userId, news)));
}
