// What a receiver reads: an outbox row as `{id, type, timestamp, data}`. The same row always gives the same text, so a
// retry or a replay carries the body of the first attempt.

import { iso, type Millis } from "../clock.ts";

/** Bodies stay under 20 KB (contract section 5; the standard's own advice). */
export const BODY_MAX_BYTES = 20 * 1024 - 1;
/** Where a body is too long, values longer than this as JSON text are left out. */
const SMALL_VALUE_MAX_LENGTH = 256;

export interface OutboxEvent {
  id: string;
  type: string;
  at: Millis;
  sequence: number | null;
  /** JSON object, as its cause wrote it. */
  data: string;
}

/**
 * The body to send. Where a cause wrote more than fits, the large parts (lists of records) are left out and
 * `data.truncated` names them, so that nobody takes half a list for a whole one.
 */
export function eventBody(event: OutboxEvent): string {
  const data = readData(event.data);
  if (event.sequence !== null) data.sequence = event.sequence;
  const whole = asText(event, data);
  // A UTF-16 unit is at most three bytes of UTF-8, so short texts need no counting.
  if (whole.length * 3 <= BODY_MAX_BYTES || byteLength(whole) <= BODY_MAX_BYTES) return whole;
  return asText(event, withoutLargeParts(data));
}

/** One row that cannot be read must not hold up all the others, so it becomes an empty object. */
function readData(text: string): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function withoutLargeParts(data: Record<string, unknown>): Record<string, unknown> {
  const isSmall = (value: unknown) => JSON.stringify(value).length <= SMALL_VALUE_MAX_LENGTH;
  const entries = Object.entries(data);
  const truncated = entries.filter(([, value]) => !isSmall(value)).map(([name]) => name);
  return { ...Object.fromEntries(entries.filter(([, value]) => isSmall(value))), truncated };
}

const asText = (event: OutboxEvent, data: Record<string, unknown>): string =>
  JSON.stringify({ id: event.id, type: event.type, timestamp: iso(event.at), data });

const byteLength = (text: string): number => new TextEncoder().encode(text).length;
