// Limits of webhook endpoints and how long their history is kept. Those of sending stand beside the sending.

const DAY_MS = 24 * 60 * 60 * 1000;

/** Endpoints of one provider in one mode: also the most deliveries one event can become. Held by a trigger. */
export const WEBHOOKS_MAX = 10;
export const DESCRIPTION_MAX_LENGTH = 200;
/** Secrets that may sign at the same time: the current one and those of the last rotations. */
export const SECRETS_MAX = 4;
/** Deliveries replayed by one request. */
export const REPLAY_MAX = 1_000;
/** Events and deliveries can be listed and replayed for this long. */
export const DELIVERY_KEPT_MS = 30 * DAY_MS;
/** Attempts stay in the log for this long. */
export const LOG_KEPT_MS = 90 * DAY_MS;
