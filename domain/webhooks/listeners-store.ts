// Who could hear of an event, asked when its outbox row is written: most events are nobody's news, and then no round of
// delivery needs to look at them.

/**
 * SQL for `outbox.fanned_at` of a new row: null where an endpoint of the provider or an open page of the person could hear
 * of it, which leaves the row to the next round of delivery; otherwise its own time, as if that round had been.
 * Whoever becomes a new kind of listener to the outbox must be named here. (Devices are not: a trigger notes what is for them,
 * migrations/0082_push.sql.)
 *
 * @param event SQL expressions over the statement it stands in.
 */
export const fannedAtSql = (event: { providerId: string; userId: string; at: string }): string =>
  `CASE WHEN EXISTS (SELECT 1 FROM webhooks hook WHERE hook.provider_id = ${event.providerId} AND hook.deleted_at IS NULL)
     OR EXISTS (SELECT 1 FROM live_people live WHERE live.user_id = ${event.userId}) THEN NULL ELSE ${event.at} END`;
