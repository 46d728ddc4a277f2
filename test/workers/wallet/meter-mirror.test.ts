// The mirror of use at Stripe: off until an operator turns it on, each session once, whatever repeats or is out of reach.

import { createMessageBatch, env, getQueueResult, createExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dueForMeter, TELL_WITHIN_MS } from "../../../domain/payments/meter-mirror.ts";
import { forgetSettings } from "../../../domain/settings/read-settings.ts";
import type { Env } from "../../../workers/env.ts";
import worker from "../../../workers/index.ts";
import {
  anApp,
  call,
  freshToken,
  passSeconds,
  started,
  useVirtualClock,
  work,
  type TestApp,
} from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { installStripe, type TestStripe } from "../../support/stripe.ts";

const stripe: TestStripe = installStripe();
let day = Date.UTC(2030, 6, 3, 9);
let app: TestApp;
let person: TestPerson;
beforeEach(async () => {
  // A day apart, so that no test finds what another one used.
  useVirtualClock((day += 2 * TELL_WITHIN_MS));
  app = await anApp(600);
  person = await newPerson();
  const { body } = await call<{ checkoutUrl: string }>("POST", "/v1/tokens/purchase", person.token, {
    tokenAmount: 1_000,
  });
  await stripe.pay(body.checkoutUrl);
});
afterEach(() => void vi.useRealTimers());

/** Ten minutes at 600 an hour: 100 tokens. */
async function use(): Promise<string> {
  const session = await started({ ...person, token: await freshToken(person) }, app, 20);
  await work(session, 600);
  await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
  return session.id;
}
async function turn(on: boolean): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO settings (key, value, updated_at, updated_by) VALUES ('meterMirror', ?, 1, 'test')
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  )
    .bind(String(on))
    .run();
  forgetSettings();
}
async function deliver(sessionIds: readonly { sessionId: string }[]) {
  const batch = createMessageBatch(
    "meterplace-meter",
    sessionIds.map((body) => ({ id: body.sessionId, timestamp: new Date(), attempts: 1, body })),
  );
  await worker.queue!(batch as MessageBatch<never>, env as unknown as Env);
  return getQueueResult(batch, createExecutionContext());
}
const toldTokens = () =>
  stripe.world.state.all("note.meter_event").map(({ id, value }) => ({ sessionId: id, tokens: value }));

describe("the mirror of use", () => {
  it("asks for nothing until an operator turns it on", async () => {
    await turn(false);
    const sessionId = await use();
    expect(await dueForMeter(env.DB, Date.now())).toEqual([]);
    await turn(true);
    expect(await dueForMeter(env.DB, Date.now())).toEqual([{ sessionId }]);
  });

  it("tells Stripe's meter each settled session once, however often the queue repeats it", async () => {
    await turn(true);
    const sessionId = await use();
    const due = await dueForMeter(env.DB, Date.now());
    expect(due).toEqual([{ sessionId }]);
    expect(await dueForMeter(env.DB, Date.now())).toEqual([]);
    await deliver([...due, ...due]);
    await deliver(due);
    expect(toldTokens()).toContainEqual({ sessionId, tokens: 100 });
    expect(toldTokens().filter((told) => told.sessionId === sessionId)).toHaveLength(1);
  });

  it("keeps what Stripe could not be told and asks again, and gives up before Stripe would count it twice", async () => {
    await turn(true);
    const sessionId = await use();
    const due = await dueForMeter(env.DB, Date.now());
    const outage = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("no network"));
    const result = await deliver(due);
    outage.mockRestore();
    expect(result.retryMessages).toHaveLength(1);
    passSeconds(11 * 60);
    expect(await dueForMeter(env.DB, Date.now())).toEqual([{ sessionId }]);
    passSeconds(TELL_WITHIN_MS / 1000);
    expect(await dueForMeter(env.DB, Date.now())).toEqual([]);
    const row = await env.DB.prepare("SELECT refused FROM use_events WHERE id = ?").bind(sessionId).first();
    expect(row).toEqual({ refused: "too_late" });
  });
});
