// Delivering events the way Stripe does: at least once, in no promised order, signed, and again with growing pauses until
// the receiver says 2xx. docs.stripe.com/webhooks

import { missing } from "./errors.ts";
import type { World } from "./world.ts";

export interface WebhookTarget {
  url: string;
  /** `whsec_...`: the endpoint's signing secret. */
  secret: string;
  send(url: string, init: RequestInit): Promise<Response>;
  /** Sees each event as it was sent. */
  seen?(event: unknown): void;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60 * 60 * 1000;
const GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60 * 1000;
const PARALLEL_MAX = 16;
const TIMEOUT_MS = 10_000;

export class Deliveries {
  readonly #world: World;
  readonly #target: WebhookTarget;
  readonly #inFlight = new Set<string>();

  constructor(world: World, target: WebhookTarget) {
    this.#world = world;
    this.#target = target;
  }

  get held(): boolean {
    return this.#world.state.find("note.setting", "hold")?.on ?? false;
  }

  /** Nothing leaves until `release`. */
  hold(): void {
    this.#world.state.put("note.setting", { id: "hold", on: true });
    this.#world.state.flush();
  }

  /** Let go of everything held, one after the other, oldest or newest first. */
  async release(order: "created" | "reverse"): Promise<{ event: string; status: number }[]> {
    this.#world.state.put("note.setting", { id: "hold", on: false });
    const waiting = this.#world.state.all("note.delivery").map(({ id }) => id);
    const results = [];
    for (const event of order === "reverse" ? waiting.reverse() : waiting)
      results.push({ event, status: await this.#deliver(event) });
    return results;
  }

  /** Send everything that is due; returns when none is left. */
  async deliverDue(): Promise<void> {
    const worker = async () => {
      for (let id = this.#nextDue(); id; id = this.#nextDue()) await this.#deliver(id);
    };
    await Promise.all(Array.from({ length: PARALLEL_MAX }, worker));
  }

  /** When the next retry is due, or null when nothing waits. */
  get nextDueAtMs(): number | null {
    const waiting = this.held ? [] : this.#world.state.all("note.delivery").filter(({ id }) => !this.#inFlight.has(id));
    return waiting.length ? Math.min(...waiting.map(({ dueAtMs }) => dueAtMs)) : null;
  }

  /** Send an event again, as a person does from Stripe's dashboard; `times` of them at once. */
  async replay(id: string, times: number): Promise<number[]> {
    return Promise.all(Array.from({ length: times }, () => this.#send(id)));
  }

  #nextDue(): string | undefined {
    if (this.held) return undefined;
    return this.#world.state
      .all("note.delivery")
      .find(({ id, dueAtMs }) => dueAtMs <= this.#world.now() && !this.#inFlight.has(id))?.id;
  }

  async #deliver(id: string): Promise<number> {
    this.#inFlight.add(id);
    const status = await this.#send(id);
    this.#inFlight.delete(id);
    const { state } = this.#world;
    const note = state.find("note.delivery", id);
    const event = state.find("event", id)!;
    if (note && status >= 200 && status < 300) {
      state.remove("note.delivery", id);
      state.put("event", { ...event, pending_webhooks: 0 });
    } else if (note && this.#world.now() - event.created * 1000 > GIVE_UP_AFTER_MS) state.remove("note.delivery", id);
    else if (note) {
      const pause = Math.min(RETRY_FIRST_MS * 2 ** note.attempts, RETRY_MAX_MS);
      state.put("note.delivery", { id, attempts: note.attempts + 1, dueAtMs: this.#world.now() + pause });
    }
    state.flush();
    return status;
  }

  /** @returns The receiver's status, or 0 when there was no answer. */
  async #send(id: string): Promise<number> {
    const event = this.#world.state.find("event", id);
    if (!event) throw missing("event", id);
    this.#target.seen?.(event);
    const body = JSON.stringify(event, null, 2);
    const timestamp = Math.floor(this.#world.now() / 1000);
    try {
      const answer = await this.#target.send(this.#target.url, {
        method: "POST",
        body,
        headers: {
          "Content-Type": "application/json; charset=utf-8",
          "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
          "Stripe-Signature": await signatureHeader(body, this.#target.secret, timestamp),
        },
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }
}

/** `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`. docs.stripe.com/webhooks#verify-manually */
export async function signatureHeader(body: string, secret: string, timestamp: number): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${timestamp}.${body}`)));
  return `t=${timestamp},v1=${Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
