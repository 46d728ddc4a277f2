// One thing a page loads, with the states every list must show: loading, failed, offline, there.

import { asApiError, type ApiError } from "./problem.ts";

export class Resource<Value> {
  value = $state.raw<Value | null>(null);
  error = $state.raw<ApiError | null>(null);
  isLoading = $state(false);
  #load: () => Promise<Value>;
  #asked = 0;

  constructor(load: () => Promise<Value>) {
    this.#load = load;
  }

  /** Load again; what stands stays until the new value is there. An answer that was overtaken counts for nothing. */
  reload = async (): Promise<void> => {
    const asked = ++this.#asked;
    this.isLoading = true;
    try {
      const value = await this.#load();
      if (asked !== this.#asked) return;
      this.value = value;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asApiError(thrown);
    } finally {
      if (asked === this.#asked) this.isLoading = false;
    }
  };
}
