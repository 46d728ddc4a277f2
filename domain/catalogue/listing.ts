// The catalogue as a list. The first page is what everyone asks for, so each isolate keeps it as the bytes of its answer
// for some seconds; a write in the same isolate drops it at once.

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { base64url, isId, sha256Hex } from "../ids.ts";
import { cardOf, type App, type Card } from "./app.ts";
import { listedApps } from "./store.ts";

export const LIST_LIMIT_DEFAULT = 100;
export const LIST_LIMIT_MAX = 200;
/** How old a list may be. Short enough that nobody waits for a new app, long enough that D1 hardly notices readers. */
export const LIST_REMEMBERED_MS = 5_000;
/** While one request reads anew, the others get the old list for at most this long. */
const REFRESH_LEASE_MS = 1_000;
/** Searching reads all listed apps into memory; past this many a real index has to take over. */
export const SEARCHABLE_MAX = 5_000;

export interface CatalogueAnswer {
  /** JSON. Text, which the platform sends cheaper than the same bytes. */
  body: string;
  /** Strong validator of the body (RFC 9110 section 8.8.3), quoted. */
  etag: string;
}
export interface CataloguePage {
  providers: Card[];
  nextCursor: string | null;
}

interface Remembered<Value> {
  value: Value;
  until: Millis;
}
/** Counts the writes seen here, so that a read begun before one cannot be remembered after it. */
let generation = 0;
/** By limit. Few, because a page can be large and anyone can ask for any limit. */
const FIRST_PAGES_MAX = 8;
let firstPages = new BoundedMap<number, Remembered<CatalogueAnswer>>(FIRST_PAGES_MAX);
let everyApp: Remembered<App[]> | null = null;

/** After any change of an app: the next reader of this isolate asks D1. Other isolates follow within five seconds. */
export function forgetCatalogue(): void {
  generation += 1;
  firstPages = new BoundedMap(FIRST_PAGES_MAX);
  everyApp = null;
}

/** The first page as the text to send. No D1 call while it is remembered. */
export async function firstPage(db: D1Database, limit: number, now: Millis): Promise<CatalogueAnswer> {
  const known = firstPages.get(limit);
  if (known && now < known.until) return known.value;
  if (known) known.until = now + REFRESH_LEASE_MS;
  const begunAt = generation;
  const body = JSON.stringify(await listPage(db, null, limit));
  const value = { body, etag: `"${(await sha256Hex(body)).slice(0, 32)}"` };
  if (begunAt === generation) firstPages.set(limit, { value, until: now + LIST_REMEMBERED_MS });
  return value;
}

/**
 * One page, oldest app first.
 * @throws DomainError `invalid_cursor` for a cursor that is not one of ours.
 */
export async function listPage(db: D1Database, cursor: string | null, limit: number): Promise<CataloguePage> {
  // One more than asked for tells whether there is another page.
  const apps = await listedApps(db, cursor === null ? null : readCursor(cursor), limit + 1);
  const last = apps.length > limit ? apps[limit - 1] : undefined;
  return { providers: apps.slice(0, limit).map(cardOf), nextCursor: last ? writeCursor(last) : null };
}

/** Every listed app, remembered like the first page: what search ranks. The array is shared: never change it. */
export async function listedCatalogue(db: D1Database, now: Millis): Promise<App[]> {
  const known = everyApp;
  if (known && now < known.until) return known.value;
  if (known) known.until = now + REFRESH_LEASE_MS;
  const begunAt = generation;
  const value = await listedApps(db, null, SEARCHABLE_MAX);
  if (begunAt === generation) everyApp = { value, until: now + LIST_REMEMBERED_MS };
  return value;
}

const writeCursor = (app: App): string => base64url(new TextEncoder().encode(`${app.createdAt}.${app.id}`));

function readCursor(cursor: string): { createdAt: Millis; id: string } {
  const [createdAt = "", id = ""] = decodeBase64url(cursor).split(".");
  if (!/^\d{1,15}$/.test(createdAt) || !isId(id))
    throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start again without it.");
  return { createdAt: Number(createdAt), id };
}

function decodeBase64url(text: string): string {
  try {
    return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}
