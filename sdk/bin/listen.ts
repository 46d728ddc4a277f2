// `meterplace listen --forward URL`: hears your app's events and sends each to a program on this machine, signed as a real
// delivery is. For development: nothing is tried again by itself, `r` sends once more.

import { createInterface } from "node:readline";
import { DEFAULT_API_ORIGIN } from "../src/protocol/origins.ts";
import { ApiError, ConnectionError, MarketplaceError } from "../src/server/errors.ts";
import { places, send, type ApiRequest, type HttpSettings } from "../src/server/http.ts";
import { signWebhook } from "../src/server/webhooks.ts";

export const LISTEN_USAGE = `Forwards your app's webhooks to this machine.

  meterplace listen --forward http://localhost:8080/webhooks

--forward URL   where your app takes webhooks
--key KEY       mk_test_... for sandbox sessions, mk_live_... for real ones (or MARKETPLACE_KEY)
--api URL       the marketplace's API, e.g. http://localhost:3000 (or MARKETPLACE_API)
--events LIST   e.g. session.completed,tokens.consumed; all unless given
--since TIME    also what happened since then, e.g. 30m or 2026-11-01T12:00:00Z; an hour back at most
--secret TEXT   the signing secret your app already has (or WEBHOOK_SECRET); a new one unless given
`;

/** As long as a real delivery waits for an answer. */
const FORWARD_TIMEOUT_MS = 8_000;
const WAIT_SECONDS = 20;
const REQUEST_TIMEOUT_MS = (WAIT_SECONDS + 20) * 1_000;
/** Events that can be sent again by their number. */
const KEPT_MAX = 1_000;
const ANSWER_SHOWN_LENGTH = 200;

interface HeardEvent {
  position: number;
  id: string;
  type: string;
  body: string;
}

/** @returns The exit code: 0 when the person stopped it, 2 when it could not be done. */
export async function listen(args: string[]): Promise<number> {
  const option = (name: string, variable?: string): string | undefined => {
    const at = args.indexOf(`--${name}`);
    return at >= 0 ? args[at + 1] : variable && process.env[variable];
  };
  const [forward, apiKey] = [option("forward"), option("key", "MARKETPLACE_KEY")];
  if (!forward || !apiKey || !URL.canParse(forward)) {
    process.stderr.write(LISTEN_USAGE);
    return 2;
  }
  const secret = option("secret", "WEBHOOK_SECRET") ?? newSecret();
  const events = option("events")
    ?.split(",")
    .map((name) => name.trim());
  const api = new URL(option("api", "MARKETPLACE_API") ?? DEFAULT_API_ORIGIN).origin;
  const stop = new AbortController();
  try {
    const since = sinceOf(option("since"));
    await new Listener({ http: httpSettings(api, apiKey, stop.signal), forward, secret, stop }).run({
      ...(events && { events }),
      ...(since && { since }),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof MarketplaceError)) throw error;
    say(`${error.message} [${error.code}]${error.requestId ? ` request ${error.requestId}` : ""}`);
    return 2;
  }
}

interface Settings {
  http: HttpSettings;
  forward: string;
  secret: string;
  stop: AbortController;
}

class Listener {
  readonly #settings: Settings;
  /** By number, the first is 1. */
  readonly #heard = new Map<number, HeardEvent>();
  #count = 0;
  #id: string | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async run(wish: { events?: string[]; since?: string }): Promise<void> {
    const { stop, forward, secret, http } = this.#settings;
    await this.#begin(wish);
    say(`Listening to ${http.baseUrl} as ${http.apiKey.slice(0, 8)}..., forwarding to ${forward}`);
    say(`Signing secret: ${secret}`);
    say("Type r to send the last event again, r 3 for number 3, t for a test event, q to stop.");
    const lines = createInterface({ input: process.stdin }).on("line", (line) => void this.#obey(line.trim()));
    process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort());
    try {
      await this.#hearAll(wish.events);
    } finally {
      lines.close();
      process.stdin.unref?.();
      await this.#end();
    }
  }

  async #hearAll(events: string[] | undefined): Promise<void> {
    const { stop } = this.#settings;
    let after = 0;
    let isAway = false;
    while (!stop.signal.aborted) {
      try {
        const path = `/v1/provider/listeners/${this.#id}/events?after=${after}&waitSeconds=${WAIT_SECONDS}`;
        const heard = await this.#ask<{ events: HeardEvent[]; nextAfter: number }>({ method: "GET", path });
        if (isAway) say("The marketplace is back.");
        isAway = false;
        for (const event of heard.events) await this.#forward(this.#keep(event));
        after = heard.nextAfter;
      } catch (error) {
        if (stop.signal.aborted) return;
        const isOver = error instanceof ApiError && error.code === "webhook_not_found";
        if (isOver) {
          say("This listener was over (the machine slept?). A new one hears from now on.");
          await this.#begin(events ? { events } : {});
          after = 0;
        } else if (error instanceof ConnectionError || (error instanceof ApiError && (error.status ?? 500) >= 500)) {
          if (!isAway) say("The marketplace cannot be reached; trying on.");
          isAway = true;
        } else throw error;
      }
    }
  }

  async #begin(wish: { events?: string[]; since?: string }): Promise<void> {
    const request: ApiRequest = { method: "POST", path: "/v1/provider/listeners", body: wish };
    const { listener } = await this.#ask<{ listener: { id: string } }>({
      ...request,
      idempotencyKey: crypto.randomUUID(),
    });
    this.#id = listener.id;
  }

  /** Over by itself in ten minutes; telling it frees its place at once. */
  async #end(): Promise<void> {
    const http = { ...this.#settings.http, retries: 0, timeoutMs: 2_000, fetch };
    const path = `/v1/provider/listeners/${this.#id}`;
    await send(http, { method: "DELETE", path, idempotencyKey: crypto.randomUUID() }).catch(() => {});
  }

  #ask<Answer>(request: ApiRequest): Promise<Answer> {
    return send<Answer>(this.#settings.http, request);
  }

  #keep(event: HeardEvent): number {
    this.#heard.set(++this.#count, event);
    this.#heard.delete(this.#count - KEPT_MAX);
    return this.#count;
  }

  async #forward(number: number): Promise<void> {
    const { forward, secret } = this.#settings;
    const event = this.#heard.get(number)!;
    const startedAt = performance.now();
    let outcome: string;
    try {
      const answer = await fetch(forward, {
        method: "POST",
        body: event.body,
        headers: {
          "Content-Type": "application/json",
          "User-Agent": "Meterplace-Webhooks/1.0",
          ...(await signWebhook(event, event.body, secret)),
        },
        redirect: "manual",
        signal: AbortSignal.timeout(FORWARD_TIMEOUT_MS),
      });
      const text = (await answer.text()).trim().slice(0, ANSWER_SHOWN_LENGTH).replaceAll(/\s+/g, " ");
      outcome = answer.ok
        ? `${answer.status}`
        : `${answer.status} ${text}`.trim() + "   (a real delivery would be tried again)";
    } catch (error) {
      const isLate = (error as Error).name === "TimeoutError";
      outcome = isLate ? `no answer within ${FORWARD_TIMEOUT_MS / 1000} s` : "nobody answers there; does your app run?";
    }
    say(`#${number}  ${event.type}  ${event.id}  ->  ${outcome}  ${Math.round(performance.now() - startedAt)} ms`);
  }

  async #obey(line: string): Promise<void> {
    const [command, wanted] = line.split(/\s+/);
    if (command === "q") this.#settings.stop.abort();
    else if (command === "t")
      await this.#ask({
        method: "POST",
        path: `/v1/provider/listeners/${this.#id}/test`,
        idempotencyKey: crypto.randomUUID(),
      }).catch((error: Error) => say(error.message));
    else if (command === "r") {
      const number = wanted === undefined ? this.#count : Number(wanted);
      if (this.#heard.has(number)) await this.#forward(number);
      else
        say(this.#count === 0 ? "Nothing has come yet." : `There is no event ${wanted}; the last is ${this.#count}.`);
    }
  }
}

function httpSettings(baseUrl: string, apiKey: string, stop: AbortSignal): HttpSettings {
  return {
    baseUrl,
    apiKey,
    timeoutMs: REQUEST_TIMEOUT_MS,
    retries: 1,
    fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.any([stop, init!.signal!]) }),
    // Whoever stops does not wait for a wait.
    sleep: (ms) =>
      new Promise((resume) => {
        const timer = setTimeout(resume, ms);
        stop.addEventListener("abort", () => (clearTimeout(timer), resume()), { once: true });
      }),
    random: Math.random,
    takePlace: places(1),
    onResponse: () => {},
  };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const newSecret = (): string => `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(36))))}`;

function sinceOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const minutes = /^(\d+)m$/.exec(text)?.[1];
  const at = minutes ? Date.now() - Number(minutes) * 60_000 : Date.parse(text);
  if (Number.isNaN(at)) throw new MarketplaceError("configuration", "--since is minutes (30m) or a time (ISO 8601).");
  return new Date(at).toISOString();
}
