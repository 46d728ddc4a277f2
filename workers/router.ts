// Finds the handlers of a request. Hono's fastest router takes no siblings such as `/sessions/create` beside `/sessions/:id`,
// so its trie decides; this one asks the trie once for every path without parameters, which all hot paths are.

import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

export class RememberingRouter<Handler> implements Router<Handler> {
  readonly name = "RememberingRouter";
  readonly #trie = new TrieRouter<Handler>();
  /** By path, then by method. Only paths that were added: what a stranger makes up is not worth remembering. */
  readonly #matches = new Map<string, Map<string, Result<Handler>>>();

  add(method: string, path: string, handler: Handler): void {
    this.#trie.add(method, path, handler);
    if (!/[:*]/.test(path)) this.#matches.set(path, new Map());
    for (const known of this.#matches.values()) known.clear();
  }

  match(method: string, path: string): Result<Handler> {
    const known = this.#matches.get(path);
    if (!known) return this.#trie.match(method, path);
    const found = known.get(method) ?? this.#trie.match(method, path);
    known.set(method, found);
    return found;
  }
}
