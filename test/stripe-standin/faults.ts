// Trouble on request: the ways a call to Stripe can go wrong, for the next calls of the API (never of the page).

import { StripeRefusal } from "./errors.ts";

export type FaultKind =
  /** The connection breaks before anything happened. */
  | "network"
  /** It happened, and the answer is lost on the way. */
  | "lost_answer"
  /** No answer until the caller gives up. */
  | "hang"
  | "rate_limit"
  | "server_error";
export const FAULT_KINDS: readonly FaultKind[] = ["network", "lost_answer", "hang", "rate_limit", "server_error"];

export interface Fault {
  kind: FaultKind;
  count: number;
  /** Only calls whose path contains this. */
  path?: string;
}

/** Thrown where a real connection would break; the server destroys the socket on it. */
export class ConnectionBroken extends TypeError {
  constructor() {
    super("fetch failed: the connection was broken by a planned fault");
  }
}

export class Faults {
  #planned: Fault[] = [];

  plan(fault: Fault): void {
    this.#planned.push({ ...fault });
  }

  /** The fault for this call, used up. */
  take(path: string): FaultKind | null {
    const fault = this.#planned.find((one) => !one.path || path.includes(one.path));
    if (!fault) return null;
    fault.count -= 1;
    if (fault.count <= 0) this.#planned.splice(this.#planned.indexOf(fault), 1);
    return fault.kind;
  }
}

export const refusalOf = (kind: "rate_limit" | "server_error"): StripeRefusal =>
  kind === "rate_limit"
    ? new StripeRefusal(429, {
        type: "invalid_request_error",
        code: "rate_limit",
        message: "Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode.",
      })
    : new StripeRefusal(500, { type: "api_error", message: "An unknown error occurred" });

/** Never answers; ends when the caller aborts. */
export const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(new ConnectionBroken());
    signal.addEventListener("abort", () => reject(new ConnectionBroken()), { once: true });
  });
