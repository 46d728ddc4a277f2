// Stripe inside the test Worker: the stand-in in this very isolate, behind the `fetch` that the gateway looks up, with
// its webhooks going straight back into the Worker. No port, no process, and time is the test's.

import { env, SELF } from "cloudflare:test";
import { vi } from "vitest";
import { WEBHOOK_EVENTS } from "../../domain/payments/events/table.ts";
import { createStandin, type Seen, type Standin } from "../stripe-standin/app.ts";

export const VISA = "4242424242424242";
export const DECLINED = "4000000000000002";
export const CHALLENGED = "4000002500003155";

export interface TestStripe extends Standin {
  /** A call of the test controls, e.g. `dev("/refund", { checkout })`. */
  dev<Body = Record<string, unknown>>(path: string, body?: unknown): Promise<{ status: number; body: Body }>;
  /** Pay a checkout page and deliver what Stripe tells about it. */
  pay(checkoutUrl: string, card?: string): Promise<void>;
  /** Send every webhook that is due. */
  deliver(): Promise<void>;
  seen: Seen[];
}

/** Put the stand-in where `STRIPE_API_BASE` points. Once a file, before the first call. */
export function installStripe(): TestStripe {
  const base = new URL(env.STRIPE_API_BASE!);
  const seen: Seen[] = [];
  const standin = createStandin({
    origin: base.origin,
    webhookUrl: `${env.API_ORIGIN}/v1/stripe/webhook`,
    webhookSecret: env.STRIPE_WEBHOOK_SECRET,
    subscribed: WEBHOOK_EVENTS,
    // Looked up at each call, so that a virtual clock is Stripe's too.
    now: () => Date.now(),
    send: (url, init) => SELF.fetch(url, init as RequestInit<CfProperties>),
    seen: (what) => void seen.push(what),
  });
  const outside = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const request = new Request(input, init);
    return new URL(request.url).origin === base.origin ? standin.fetch(request) : outside(input, init);
  });
  const dev: TestStripe["dev"] = async (path, body) => {
    const answer = await standin.fetch(
      new Request(`${base.origin}/_dev${path}`, {
        method: path === "/state" ? "GET" : "POST",
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    return { status: answer.status, body: await answer.json() };
  };
  const deliver = () => standin.deliveries.deliverDue();
  return {
    ...standin,
    seen,
    dev,
    deliver,
    pay: async (checkoutUrl, card = VISA) => {
      const paid = await dev(`/checkout/${checkoutIdOf(checkoutUrl)}/pay`, { card, authenticate: true });
      if (paid.status !== 200) throw new Error(`not paid: ${JSON.stringify(paid.body)}`);
      await deliver();
    },
  };
}

/** Between Stripe's next answer to this path and our hearing it, something happens (`installStripe` comes first). */
export function after(path: string, happens: () => Promise<void>): void {
  const spied = vi.mocked(globalThis.fetch);
  const standin = spied.getMockImplementation()!;
  let isDue = true;
  spied.mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const answer = await standin(request);
    if (!isDue || new URL(request.url).pathname !== path) return answer;
    isDue = false;
    await happens();
    return answer;
  });
}

/** The next call of this path gets no answer, before or after it takes effect (`installStripe` comes first). */
export function failing(path: string, when: "before" | "after"): void {
  const spied = vi.mocked(globalThis.fetch);
  const standin = spied.getMockImplementation()!;
  let isDue = true;
  spied.mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (!isDue || new URL(request.url).pathname !== path) return standin(request);
    isDue = false;
    if (when === "after") await standin(request);
    return Response.json(
      { error: { type: "api_error", message: "planned" } },
      { status: 500, headers: { "stripe-should-retry": "false" } },
    );
  });
}

export const checkoutIdOf = (checkoutUrl: string): string => /cs_[A-Za-z0-9_]+/.exec(checkoutUrl)![0];
