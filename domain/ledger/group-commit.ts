// Group commit: whatever waits while one commit is under way goes into the next one together. Nothing waits when nothing
// else is happening; every answer waits for its own commit. Docs: docs/decisions/0014-group-commit.md.

import type { Millis } from "../clock.ts";

export interface GroupOptions<Item, Answer> {
  /** Commits a group in one transaction and answers each, in order. Asked again with the same items it must answer the same. */
  commit: (items: Item[]) => Promise<Answer[]>;
  itemsMax: number;
  /** After a commit that carried several, this long is waited for more to come; after a lone one not at all. */
  gatherMs: Millis;
  /** Two items with the same key may not share a group, because they decide about the same thing. Null: no such thing. */
  keyOf?: (item: Item) => string | null;
}

interface Waiting<Item, Answer> {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export class GroupCommit<Item, Answer> {
  #options: GroupOptions<Item, Answer>;
  #waiting: Waiting<Item, Answer>[] = [];
  #isRunning = false;

  constructor(options: GroupOptions<Item, Answer>) {
    this.#options = options;
  }

  /** @returns the item's own answer, once it is committed. */
  add(item: Item): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Lets everything that arrived in the same turn of the event loop join the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#take();
      await this.#commit(group);
      if (group.length > 1) await new Promise((resolve) => setTimeout(resolve, this.#options.gatherMs));
    }
    this.#isRunning = false;
  }

  #take(): Waiting<Item, Answer>[] {
    const { itemsMax, keyOf } = this.#options;
    const keys = new Set<string>();
    const group: Waiting<Item, Answer>[] = [];
    const rest: Waiting<Item, Answer>[] = [];
    for (const waiting of this.#waiting) {
      const key = keyOf?.(waiting.item) ?? null;
      if (group.length >= itemsMax || (key !== null && keys.has(key))) rest.push(waiting);
      else {
        if (key !== null) keys.add(key);
        group.push(waiting);
      }
    }
    this.#waiting = rest;
    return group;
  }

  /** One item that breaks a group must not fail its neighbours, and an unknown outcome is asked again: each alone, once. */
  async #commit(group: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.commit(group.map(({ item }) => item));
      for (const [index, waiting] of group.entries()) waiting.resolve(answers[index]!);
    } catch {
      for (const waiting of group)
        try {
          waiting.resolve((await this.#options.commit([waiting.item]))[0]!);
        } catch (error) {
          waiting.reject(error);
        }
    }
  }
}
