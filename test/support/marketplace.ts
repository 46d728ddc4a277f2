// A client of a running stack for tests outside workerd: what a browser, a provider's page and a provider's server would
// send. Patient by choice: with `patientMs` a lost answer or a 503 is asked again with the same Idempotency-Key, as a good
// client does.

import { randomUUID } from "node:crypto";

export interface Origins {
  api: string;
  web: string;
  demo: string;
  stripe: string;
}

export interface Answer<Body = Json> {
  status: number;
  body: Body;
  headers: Headers;
}
export type Json = Record<string, unknown>;

export interface Person {
  email: string;
  password: string;
  /** Access token, valid for 15 minutes. */
  token: string;
}

export interface Transaction {
  id: string;
  type: string;
  amount: number;
  balanceAfter: number;
  sessionId: string | null;
}

/** The wire shape of a session, as far as tests look at it. */
export interface SessionState {
  id: string;
  status: string;
  endReason: string | null;
  activeSeconds: number;
  tokensAllocated: number;
  tokensConsumed: number;
  tokensRefunded: number | null;
  settlement: string;
  startedAt: string | null;
  serverTime: string;
}

const TRY_EVERY_MS = 150;

export class Marketplace {
  readonly origins: Origins;
  readonly #patientMs: number;

  constructor(origins: Origins, options: { patientMs?: number } = {}) {
    this.origins = origins;
    this.#patientMs = options.patientMs ?? 0;
  }

  /** One request to the API. Every POST carries an Idempotency-Key, the same for each try. */
  async call<Body = Json>(method: "GET" | "POST" | "PUT", path: string, it: { bearer?: string; body?: unknown } = {}) {
    const headers: Record<string, string> = { Origin: this.origins.web };
    if (it.bearer) headers.Authorization = `Bearer ${it.bearer}`;
    if (it.body !== undefined) headers["Content-Type"] = "application/json";
    if (method === "POST") headers["Idempotency-Key"] = randomUUID();
    const until = Date.now() + this.#patientMs;
    for (;;) {
      const answer = await this.#try<Body>(`${this.origins.api}${path}`, { method, headers, body: it.body });
      const isLost = answer === null || answer.status >= 500;
      if (!isLost) return answer;
      if (Date.now() >= until)
        throw new Error(`${method} ${path}: ${answer ? `status ${answer.status}` : "no answer"}`);
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }

  /** Like `call`, for requests that must succeed. @throws Error with the answer when it did not. */
  async must<Body = Json>(method: "GET" | "POST" | "PUT", path: string, it: { bearer?: string; body?: unknown } = {}) {
    const { status, body } = await this.call<Body>(method, path, it);
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** A new account with its own address. */
  async register(): Promise<Person> {
    const credentials = { email: `${randomUUID()}@example.com`, password: "correct horse battery" };
    const { token } = await this.must<{ token: string }>("POST", "/v1/auth/register", { body: credentials });
    return { ...credentials, token };
  }

  async signIn(credentials: { email: string; password: string }): Promise<Person> {
    const { token } = await this.must<{ token: string }>("POST", "/v1/auth/login", { body: credentials });
    return { ...credentials, token };
  }

  /** Opens a checkout. @returns The stand-in's id of it and our order. */
  async openCheckout(person: Person, tokenAmount: number): Promise<{ checkoutId: string; orderId: string }> {
    const answer = await this.must<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", {
      bearer: person.token,
      body: { tokenAmount },
    });
    const checkoutId = /cs_\w+/.exec(answer.checkoutUrl)?.[0];
    if (!checkoutId) throw new Error(`no checkout in ${answer.checkoutUrl}`);
    return { checkoutId, orderId: answer.orderId };
  }

  /** Pays a checkout as a person on Stripe's page would. @returns False when the answer was lost. */
  async pay(checkoutId: string, card = "4242424242424242"): Promise<boolean> {
    const url = `${this.origins.stripe}/_dev/checkout/${checkoutId}/pay`;
    const answer = await this.#try(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: { card },
    });
    if (answer && answer.status >= 400) throw new Error(`paying: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer !== null;
  }

  /** Buys tokens and waits until they are there. */
  async buyTokens(person: Person, tokenAmount: number): Promise<void> {
    const before = await this.balance(person);
    const { checkoutId } = await this.openCheckout(person, tokenAmount);
    await this.pay(checkoutId);
    const until = Date.now() + 15_000;
    while ((await this.balance(person)) < before + tokenAmount) {
      if (Date.now() > until) throw new Error("the bought tokens did not arrive");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async balance(person: Person): Promise<number> {
    return (await this.must<{ balance: number }>("GET", "/v1/tokens/balance", { bearer: person.token })).balance;
  }

  /** The whole history, newest first. */
  async transactions(person: Person): Promise<Transaction[]> {
    const all: Transaction[] = [];
    for (let offset = 0; ; offset += 200) {
      const path = `/v1/tokens/transactions?limit=200&offset=${offset}`;
      const page = await this.must<{ transactions: Transaction[] }>("GET", path, { bearer: person.token });
      all.push(...page.transactions);
      if (page.transactions.length < 200) return all;
    }
  }

  /** Creates a session and takes the launch token out of the link, as the app's page would. */
  async createSession(
    person: Person,
    providerId: string,
    durationMinutes = 5,
  ): Promise<{ id: string; launchToken: string }> {
    const { session } = await this.must<{ session: { id: string; redirectUrl: string } }>(
      "POST",
      "/v1/sessions/create",
      {
        bearer: person.token,
        body: { providerId, durationMinutes },
      },
    );
    const launchToken = new URL(session.redirectUrl).searchParams.get("marketplace_session");
    if (!launchToken) throw new Error("no launch token in the redirect");
    return { id: session.id, launchToken };
  }

  redeem(launchToken: string) {
    return this.must<{ session: SessionState; sessionToken: string }>("POST", "/v1/provider/sessions/sync", {
      bearer: launchToken,
      body: { action: "start", nonce: randomUUID() },
    });
  }

  sync(sessionToken: string, body: { action: "heartbeat" | "pause" | "resume" | "complete"; active?: boolean }) {
    return this.must<{ session: SessionState }>("POST", "/v1/provider/sessions/sync", { bearer: sessionToken, body });
  }

  session(person: Person, id: string) {
    return this.must<{ session: SessionState }>("GET", `/v1/sessions/${id}`, { bearer: person.token });
  }

  async #try<Body>(
    url: string,
    it: { method: string; headers: Record<string, string>; body: unknown },
  ): Promise<Answer<Body> | null> {
    try {
      const answer = await fetch(url, {
        method: it.method,
        headers: it.headers,
        ...(it.body !== undefined && { body: JSON.stringify(it.body) }),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await answer.text();
      const isJson = answer.headers.get("content-type")?.includes("json");
      return { status: answer.status, body: (isJson ? JSON.parse(text) : { text }) as Body, headers: answer.headers };
    } catch {
      // Refused, reset or cut off: the answer is lost, and what happened is not known.
      return null;
    }
  }
}
