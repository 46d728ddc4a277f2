// A list that is read page by page: what has come so far, whether there is more, and from the beginning again.

import type { ApiError } from "./problem.ts";
import { Resource } from "./resource.svelte.ts";

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export class Paged<Item> {
  #earlier = $state.raw<Item[]>([]);
  #cursor: string | null = null;
  #page: Resource<Page<Item>>;

  constructor(load: (cursor: string | null) => Promise<Page<Item>>) {
    this.#page = new Resource(() => load(this.#cursor));
  }

  get items(): Item[] {
    return [...this.#earlier, ...(this.#page.value?.items ?? [])];
  }
  /** The page asked for last is there; until then there may be earlier ones. */
  get isLoaded(): boolean {
    return this.#page.value !== null;
  }
  get hasMore(): boolean {
    return this.#page.value?.nextCursor != null;
  }
  get isLoading(): boolean {
    return this.#page.isLoading;
  }
  get error(): ApiError | null {
    return this.#page.error;
  }

  /** From the beginning, as after a decision or another choice of what to show. */
  begin = (): Promise<void> => this.#ask([], null);
  more = (): Promise<void> => this.#ask(this.items, this.#page.value?.nextCursor ?? null);
  /** The same page once more, after it failed. */
  retry = (): Promise<void> => this.#page.reload();

  #ask(earlier: Item[], cursor: string | null): Promise<void> {
    this.#earlier = earlier;
    this.#cursor = cursor;
    this.#page.value = null;
    return this.#page.reload();
  }
}
