// A conversation: who may go on with it, what is replayed, and how a new turn is told and kept. The events of a turn are
// numbered from 1; its id on the wire says conversation, turn and number, so a client that lost the stream says where it was.

import type { Millis } from "../../clock.ts";
import { DomainError } from "../../errors.ts";
import { ModelError } from "../../gateways/language-model.ts";
import { isId, newId } from "../../ids.ts";
import type { Author, ChatParts } from "./parts.ts";
import { NEW_MEMORY } from "./slots.ts";
import {
  addTurn,
  findConversation,
  findTurn,
  findTurnByKey,
  keepEvents,
  type Conversation,
  type StoredEvent,
  type Turn,
} from "./store.ts";
import { planTurn, proseOf, type Said } from "./turn.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** After its last turn. A stranger has no account that could delete it, so theirs goes sooner. */
const KEPT_MS = { person: 30 * DAY_MS, stranger: DAY_MS };

export interface NumberedEvent extends StoredEvent {
  id: string;
}

export interface ChatRequest extends Said {
  conversationId: string | null;
  userId: string | null;
  /** Hashes of the caller with their `Idempotency-Key`, and of the body. */
  key: { requestHash: string; bodyHash: string } | null;
  /** Where a client was when it lost the stream. */
  after: EventId | null;
}
export interface EventId {
  conversationId: string;
  turn: number;
  number: number;
}

/** @returns null where it is not one of ours. */
export function readEventId(text: string): EventId | null {
  const match = /^([0-9a-f-]{36})\.(\d{1,9})\.(\d{1,6})$/.exec(text);
  return match && isId(match[1]!)
    ? { conversationId: match[1]!, turn: Number(match[2]), number: Number(match[3]) }
    : null;
}
const eventId = (turn: Pick<Turn, "conversationId" | "number">, number: number): string =>
  `${turn.conversationId}.${turn.number}.${number}`;

export const numbered = (turn: Turn): NumberedEvent[] =>
  turn.events.map((event, index) => ({ ...event, id: eventId(turn, index + 1) }));

export type Opened =
  | { kind: "replay"; turn: Turn; from: number; isByKey: boolean }
  | { kind: "new"; conversation: Conversation };

/**
 * What a request is about: a turn that was told before, or a new one.
 * @throws DomainError `conversation_not_found` (also for one of somebody else), `idempotency_key_reused`.
 */
export async function openConversation(db: D1Database, request: ChatRequest, now: Millis): Promise<Opened> {
  const { after, key } = request;
  if (after) {
    const turn = (await mayRead(db, after.conversationId, request.userId, now))
      ? await findTurn(db, after.conversationId, after.turn)
      : null;
    if (turn) return { kind: "replay", turn, from: after.number, isByKey: false };
  }
  const first = key && (await findTurnByKey(db, key.requestHash));
  if (first) {
    if (first.bodyHash !== key.bodyHash)
      throw new DomainError(
        "idempotency_key_reused",
        "This Idempotency-Key was used with another request body. Use a new key for a new request.",
      );
    return { kind: "replay", turn: first, from: 0, isByKey: true };
  }
  if (request.conversationId === null) {
    if (request.message === "") throw notFound();
    const { userId } = request;
    return { kind: "new", conversation: { id: newId(now), userId, memory: NEW_MEMORY, turns: 0, createdAt: now } };
  }
  return { kind: "new", conversation: await readConversation(db, request.conversationId, request.userId, now) };
}

/** @throws DomainError `conversation_not_found`, also where it is somebody else's. */
export async function readConversation(
  db: D1Database,
  id: string,
  userId: string | null,
  now: Millis,
): Promise<Conversation> {
  const conversation = isId(id) ? await findConversation(db, id, now) : null;
  if (!conversation || (conversation.userId !== null && conversation.userId !== userId)) throw notFound();
  // A stranger who signs in takes the conversation along.
  return { ...conversation, userId };
}

const mayRead = (db: D1Database, id: string, userId: string | null, now: Millis): Promise<boolean> =>
  readConversation(db, id, userId, now).then(
    () => true,
    () => false,
  );

/** Tell a turn that is stored. One that was cut off before its end says so. */
export function* replayTurn(turn: Turn, from: number): Generator<NumberedEvent> {
  const events = numbered(turn);
  yield* events.slice(from);
  const last = events.at(-1)?.event;
  if (last !== "done" && last !== "error")
    yield { id: eventId(turn, events.length), event: "error", data: interrupted };
}
const interrupted = {
  code: "interrupted",
  message: "This answer was cut off before its end. What is shown of it stands; send the message again for a new one.",
  retryable: true,
};

export interface TurnRun {
  db: D1Database;
  parts: ChatParts;
  conversation: Conversation;
  request: ChatRequest;
  now: Millis;
  /** Aborted when nobody listens any more; what was told until then is kept. */
  signal: AbortSignal;
  /** Hears of what nobody expected. */
  report: (error: unknown) => void;
}

/** Run a new turn: told event by event, stored when its cards are known and again when its prose is over, however it ends. */
export async function* runTurn(run: TurnRun): AsyncGenerator<NumberedEvent> {
  const { db, parts, conversation, request, now, signal } = run;
  const turn: Turn = {
    conversationId: conversation.id,
    number: conversation.turns + 1,
    message: request.message,
    events: [],
    bodyHash: request.key?.bodyHash ?? null,
    at: now,
  };
  const tell = (event: StoredEvent): NumberedEvent => {
    turn.events.push(event);
    return { ...event, id: eventId(turn, turn.events.length) };
  };
  const meta = (author: Author): StoredEvent => ({
    event: "meta",
    data: { conversationId: conversation.id, turn: turn.number, ...author },
  });
  let isStored = false;
  try {
    yield tell(meta(parts.author));
    const plan = await planTurn(parts, conversation.memory, request, signal);
    signal.throwIfAborted();
    const known = plan.events.map(tell);
    const expiresAt = now + (conversation.userId === null ? KEPT_MS.stranger : KEPT_MS.person);
    const requestHash = request.key?.requestHash ?? null;
    await addTurn(db, { ...conversation, memory: plan.memory }, { ...turn, requestHash }, expiresAt);
    isStored = true;
    yield* known;
    let said = parts.author;
    let next: Author | null = null;
    for await (const event of proseOf(parts, plan, (author) => (next = author), signal)) {
      const author: Author | null = next;
      next = null;
      if (author && !isSame(author, said)) {
        said = author;
        yield tell(meta(author));
      }
      yield tell(event);
    }
  } catch (error) {
    if (!signal.aborted) yield tell({ event: "error", data: failure(error, run.report) });
  } finally {
    if (isStored) await keepEvents(db, turn);
  }
}

const isSame = (a: Author, b: Author): boolean => a.engine === b.engine && a.model === b.model;

function failure(error: unknown, report: TurnRun["report"]): { code: string; message: string; retryable: boolean } {
  if (error instanceof ModelError)
    return {
      code: error.code,
      message: "The answer could not be finished. The apps and prices above stand.",
      retryable: error.retryable,
    };
  if (error instanceof DomainError) return { code: error.code, message: error.message, retryable: false };
  if (/UNIQUE constraint failed: chat_turns/.test(String(error)))
    return {
      code: "conversation_busy",
      message: "Another message of this conversation was answered meanwhile. Send this one again.",
      retryable: true,
    };
  report(error);
  return {
    code: "internal",
    message: "Something failed on our side. Send the message again.",
    retryable: true,
  };
}

const notFound = (): DomainError =>
  new DomainError(
    "conversation_not_found",
    "There is no such conversation, or it has expired. Leave conversationId out to begin a new one.",
  );
