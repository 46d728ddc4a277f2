// SQL of conversations: what each remembers, and its last turns with the events that were told. A signed-in person's go with
// their account (ON DELETE CASCADE), a stranger's are found by their unguessable id alone; both expire.

import type { Millis } from "../../clock.ts";
import type { ChatMemory } from "./slots.ts";

/** Turns kept of a conversation; older ones are forgotten, what was understood stays. */
export const TURNS_KEPT = 20;
/** Conversations kept of a person. */
const CONVERSATIONS_KEPT = 20;

export interface Conversation {
  id: string;
  /** Null: whoever has the id. */
  userId: string | null;
  memory: ChatMemory;
  turns: number;
  createdAt: Millis;
}

export interface StoredEvent {
  event: string;
  data: unknown;
}
export interface Turn {
  conversationId: string;
  number: number;
  message: string;
  events: StoredEvent[];
  bodyHash: string | null;
  at: Millis;
}

export async function findConversation(db: D1Database, id: string, now: Millis): Promise<Conversation | null> {
  const row = await db
    .prepare(
      "SELECT id, user_id AS userId, memory, turns, created_at AS createdAt FROM chat_conversations WHERE id = ? AND expires_at > ?",
    )
    .bind(id, now)
    .first<Omit<Conversation, "memory"> & { memory: string }>();
  return row && { ...row, memory: JSON.parse(row.memory) as ChatMemory };
}

interface TurnRow extends Omit<Turn, "events"> {
  events: string;
}
const TURN_COLUMNS = "conversation_id AS conversationId, number, message, events, body_hash AS bodyHash, at";
const asTurn = (row: TurnRow): Turn => ({ ...row, events: JSON.parse(row.events) as StoredEvent[] });

export async function findTurn(db: D1Database, conversationId: string, number: number): Promise<Turn | null> {
  const row = await db
    .prepare(`SELECT ${TURN_COLUMNS} FROM chat_turns WHERE conversation_id = ? AND number = ?`)
    .bind(conversationId, number)
    .first<TurnRow>();
  return row && asTurn(row);
}

/** The turn that was made with an `Idempotency-Key`, and when. */
export async function findTurnByKey(db: D1Database, requestHash: string): Promise<Turn | null> {
  const row = await db
    .prepare(`SELECT ${TURN_COLUMNS} FROM chat_turns WHERE request_hash = ?`)
    .bind(requestHash)
    .first<TurnRow>();
  return row && asTurn(row);
}

export const listTurns = async (db: D1Database, conversationId: string): Promise<Turn[]> =>
  (
    await db
      .prepare(`SELECT ${TURN_COLUMNS} FROM chat_turns WHERE conversation_id = ? ORDER BY number`)
      .bind(conversationId)
      .all<TurnRow>()
  ).results.map(asTurn);

/**
 * Add a turn and what is remembered after it, in one batch. Fails as a whole when another turn of the conversation came
 * first, or when the key was used.
 */
export async function addTurn(
  db: D1Database,
  conversation: Conversation,
  turn: Turn & { requestHash: string | null },
  expiresAt: Millis,
): Promise<void> {
  const { id, userId, memory, createdAt } = conversation;
  await db.batch([
    db
      .prepare(
        `INSERT INTO chat_conversations (id, user_id, memory, turns, created_at, updated_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET user_id = ?2, memory = ?3, turns = ?4, updated_at = ?6, expires_at = ?7`,
      )
      .bind(id, userId, JSON.stringify(memory), turn.number, createdAt, turn.at, expiresAt),
    db
      .prepare(
        "INSERT INTO chat_turns (conversation_id, number, message, events, request_hash, body_hash, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .bind(id, turn.number, turn.message, JSON.stringify(turn.events), turn.requestHash, turn.bodyHash, turn.at),
    db.prepare("DELETE FROM chat_turns WHERE conversation_id = ? AND number <= ?").bind(id, turn.number - TURNS_KEPT),
    db
      .prepare(
        `DELETE FROM chat_conversations WHERE user_id = ?1 AND id IN
           (SELECT id FROM chat_conversations WHERE user_id = ?1 ORDER BY updated_at DESC, id DESC LIMIT -1 OFFSET ?2)`,
      )
      .bind(userId, CONVERSATIONS_KEPT),
  ]);
}

/** Keep what was told of a turn. Nothing happens where it was forgotten meanwhile. */
export const keepEvents = (db: D1Database, turn: Turn): Promise<unknown> =>
  db
    .prepare("UPDATE chat_turns SET events = ? WHERE conversation_id = ? AND number = ?")
    .bind(JSON.stringify(turn.events), turn.conversationId, turn.number)
    .run();

export const deleteConversation = (db: D1Database, id: string): Promise<unknown> =>
  db.prepare("DELETE FROM chat_conversations WHERE id = ?").bind(id).run();

/** Forget conversations whose time is over. */
export const purgeConversations = (db: D1Database, now: Millis): D1PreparedStatement =>
  db.prepare("DELETE FROM chat_conversations WHERE expires_at <= ?").bind(now);
