// One thing a page loads, with the states every list must show: loading, failed, offline, there.

import { asApiError, type ApiError } from "./problem.ts";

export class Resource<Value> {
  value = $state.raw<Value | null>(null);
  error = $state.raw<ApiError | null>(null);
  isLoading = $state(false);
  #load: () => Promise<Value>;

  constructor(load: () => Promise<Value>) {
    this.#load = load;
  }

  /** Load again; what stands stays until the new value is there. */
  reload = async (): Promise<void> => {
    this.isLoading = true;
    try {
      this.value = await this.#load();
      this.error = null;
    } catch (thrown) {
      this.error = asApiError(thrown);
    } finally {
      this.isLoading = false;
    }
  };
}
