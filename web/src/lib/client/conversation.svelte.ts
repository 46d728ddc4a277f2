// The conversation on the screen: its turns, what runs, and what has to be taken up after a reload or a lost network. Which
// conversation it is stands in this browser's storage; what was said stands on the server.

import { hear, lastEventId, newTurn, retold, type Chip, type TurnView } from "../chat-turn.ts";
import { chat, forgetConversation, readConversation, type ChatBody } from "./discovery-chat.ts";
import { connection } from "./live.svelte.ts";
import { asApiError, type ApiError } from "./problem.ts";

const STORED = "meterplace-discovery";
/** Waits before a lost stream is asked for again; after the last it takes a person or the network's return. */
const RETRY_DELAYS_MS = [500, 2_000, 5_000];

interface Pending {
  body: ChatBody;
  key: string;
}
interface Stored {
  conversationId: string | null;
  /** Asked, and its end not heard yet. */
  pending: Pending | null;
}

export class Conversation {
  turns = $state.raw<TurnView[]>([]);
  /** False until what was said before is known. */
  isReady = $state(false);
  error = $state.raw<ApiError | null>(null);

  #id: string | null = null;
  #pending: Pending | null = null;
  #running: AbortController | null = $state.raw(null);

  get isBusy(): boolean {
    return this.#running !== null;
  }
  /** What is known, from the turn that said it last. */
  get chips(): Chip[] {
    return this.turns.findLast(({ chips }) => chips !== null)?.chips ?? [];
  }

  /** Draw again what was said, and go on where it was cut off. */
  async open(): Promise<void> {
    const { conversationId, pending } = readStored();
    this.#id = conversationId;
    try {
      if (conversationId) {
        const { turns } = await readConversation(conversationId);
        this.turns = turns.map(({ message, events }) => retold(message, events));
      }
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.status === 404) this.#keep(null, pending);
      else this.error = error;
    }
    this.isReady = true;
    if (pending) {
      // A turn that was stored is among those just drawn; it is told again from its start, by its key.
      const last = this.turns.at(-1);
      const isStored = last !== undefined && last.state !== "told" && last.message === pending.body.message;
      if (last?.state === "told" && last.message === pending.body.message) this.#keep(this.#id, null);
      else {
        if (isStored) this.turns = this.turns.slice(0, -1);
        this.turns = [...this.turns, newTurn(pending.body.message)];
        await this.#run(pending);
      }
    }
  }

  async say(message: string, language: string, remove: string[] = []): Promise<void> {
    if (this.isBusy) return;
    this.turns = [...this.turns, newTurn(message)];
    await this.#run({ body: { message, conversationId: this.#id, remove, language }, key: crypto.randomUUID() });
  }

  /** Ask for the rest of the last answer. */
  async resume(): Promise<void> {
    if (this.#pending && !this.isBusy) await this.#run(this.#pending);
  }

  /** Send the last message once more, as a new one. */
  async repeat(language: string): Promise<void> {
    const last = this.turns.at(-1);
    if (!last || this.isBusy) return;
    this.turns = this.turns.slice(0, -1);
    await this.say(last.message, language);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.#change({ state: "stopped" });
    this.#keep(this.#id, null);
  }

  /** Nothing is listened to any more; what is pending is taken up by the next page that opens it. */
  leave(): void {
    this.#running?.abort();
    this.#running = null;
  }

  async forget(): Promise<void> {
    const id = this.#id;
    this.leave();
    this.turns = [];
    this.error = null;
    this.#keep(null, null);
    if (id) await forgetConversation(id).catch(() => undefined);
  }

  async #run(pending: Pending): Promise<void> {
    this.error = null;
    this.#keep(this.#id, pending);
    const running = (this.#running = new AbortController());
    this.#change({ state: "waiting", failure: null });
    for (let attempt = 0; ; attempt++) {
      try {
        const request = { key: pending.key, lastEventId: lastEventId(this.turns.at(-1)!), signal: running.signal };
        for await (const event of chat(pending.body, request)) this.#hear(event);
        break;
      } catch (thrown) {
        if (running.signal.aborted) return;
        const error = asApiError(thrown);
        if (error.code === "network") {
          const delay = RETRY_DELAYS_MS[attempt];
          if (delay !== undefined && connection.online && (await this.#isStillWanted(delay, running.signal))) continue;
          if (running.signal.aborted) return;
          this.#change({ state: "lost" });
          this.#running = null;
          return;
        }
        this.#refused(error);
        return;
      }
    }
    this.#running = null;
    this.#keep(this.#id, null);
  }

  /** The message never became a turn: it is taken back, and the error says why. */
  #refused(error: ApiError): void {
    this.error = error;
    this.#running = null;
    this.turns = this.turns.slice(0, -1);
    this.#keep(error.code === "conversation_not_found" ? null : this.#id, null);
  }

  #hear(event: Parameters<typeof hear>[1]): void {
    const heard = hear(this.turns.at(-1)!, event);
    this.turns = [...this.turns.slice(0, -1), heard];
    if (heard.conversationId && heard.conversationId !== this.#id) this.#keep(heard.conversationId, this.#pending);
  }

  #change(changes: Partial<TurnView>): void {
    const last = this.turns.at(-1);
    if (last) this.turns = [...this.turns.slice(0, -1), { ...last, ...changes }];
  }

  #keep(conversationId: string | null, pending: Pending | null): void {
    this.#id = conversationId;
    this.#pending = pending;
    const stored: Stored = { conversationId, pending };
    try {
      localStorage.setItem(STORED, JSON.stringify(stored));
    } catch {
      // Storage can be switched off; then a reload begins anew.
    }
  }

  #isStillWanted(delayMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(!signal.aborted), delayMs);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }
}

function readStored(): Stored {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? "null") as Stored | null;
    return { conversationId: stored?.conversationId ?? null, pending: stored?.pending ?? null };
  } catch {
    return { conversationId: null, pending: null };
  }
}
