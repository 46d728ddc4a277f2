// Sections of a page that ask the server beside each other and are shown from the top down: whatever can be pressed has
// everything above it already, so that nothing which comes late moves it under the finger.

import { untrack } from "svelte";

/** So long is waited for a section; then what is below it is shown all the same, and may be moved by it. */
const WAIT_MS = 5_000;

export class TopDown<Name extends string> {
  #settled = $state.raw<readonly Name[]>([]);
  readonly #order: readonly Name[];

  constructor(order: readonly Name[]) {
    this.#order = order;
  }

  /** For `onMount`. @returns what stops it. */
  start(): () => void {
    const timer = setTimeout(() => (this.#settled = this.#order), WAIT_MS);
    return () => clearTimeout(timer);
  }

  /** Its answer is there, or its failure is said. */
  settle(name: Name): void {
    // Called by effects, which must not run again for what others settle.
    const before = untrack(() => this.#settled);
    if (!before.includes(name)) this.#settled = [...before, name];
  }

  hasSettled(...names: Name[]): boolean {
    return names.every((name) => this.#settled.includes(name));
  }

  /** Whether everything above it has settled. */
  shows(name: Name): boolean {
    return this.hasSettled(...this.#order.slice(0, this.#order.indexOf(name)));
  }
}
