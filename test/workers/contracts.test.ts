// The provider's half of the contract: every request the demo provider relies on, sent to the real Worker in the state the
// contract names, must be answered as it says. The consumer's half: test/sdk/contracts.test.ts.

import { SELF } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deliverDue } from "../../domain/webhooks/deliver.ts";
import http from "../contracts/demo-provider--meterplace.json" with { type: "json" };
import messages from "../contracts/demo-provider--meterplace.messages.json" with { type: "json" };
import { filled, headerMismatches, mismatches, type Interaction, type Message } from "../contracts/pact.ts";
import {
  anApp,
  API,
  aPerson,
  call,
  create,
  launchTokenOf,
  passSeconds,
  sync,
  useVirtualClock,
} from "../support/market.ts";
import { receivers, virtualDeliverer } from "../support/webhooks.ts";

const interactions = http.interactions as unknown as Interaction[];
const events = messages.messages as unknown as Message[];
const SCENES = [{ meter: "scene", price: { model: "per_unit" as const, unit: "5" }, holdPerHour: 20 }];

type Values = Record<string, string>;

async function opened(app: Awaited<ReturnType<typeof anApp>>): Promise<Values> {
  const { body } = await create(await aPerson(5_000), app);
  const launchToken = launchTokenOf(body.session.redirectUrl);
  return { sessionId: body.session.id, launchToken, apiKey: app.key, testApiKey: app.testKey };
}
async function running(app: Awaited<ReturnType<typeof anApp>>): Promise<Values> {
  const values = await opened(app);
  const { body } = await sync(values.launchToken!, { action: "start", nonce: "nonce-of-this-page" });
  return { ...values, sessionToken: body.sessionToken };
}
const report = (values: Values, idempotencyKey: string, units: number) =>
  call("POST", "/v1/provider/tokens/report", values.apiKey!, {
    sessionId: values.sessionId,
    meter: "scene",
    units,
    idempotencyKey,
  });

/** Makes each state the contracts speak of, and the values their requests are filled with. */
const STATES: Record<string, () => Promise<Values>> = {
  "nothing in particular": async () => {
    const { key, testKey } = await anApp();
    return { apiKey: key, testApiKey: testKey };
  },
  "a person has just come from the marketplace": async () => opened(await anApp()),
  "a session that runs": async () => running(await anApp()),
  "a session of another app": async () => ({ ...(await running(await anApp())), apiKey: (await anApp()).key }),
  "a session that runs in an app priced by the scene": async () => running(await anApp(SCENES)),
  "a session that runs in an app priced by the scene, with scene-1 of 2 units reported": async () => {
    const values = await running(await anApp(SCENES));
    await report(values, "scene-1", 2);
    return values;
  },
  "a session with one report": async () => {
    const values = await withEndpoint(await anApp(SCENES));
    await report(values, "scene-1", 2);
    return values;
  },
  "a session that was paused by its app": async () => {
    const values = await withEndpoint(await anApp());
    await sync(values.apiKey!, { action: "pause", sessionId: values.sessionId });
    return values;
  },
  "a session that was ended by its app": async () => {
    const values = await withEndpoint(await anApp());
    passSeconds(60);
    await sync(values.apiKey!, { action: "complete", sessionId: values.sessionId, final: true });
    return values;
  },
};

describe("the Worker answers the demo provider as the contract says", () => {
  it.each(interactions.map((one): [string, Interaction] => [one.description, one]))(
    "%s",
    async (_name, interaction) => {
      const values = await STATES[interaction.providerStates[0]!.name]!();
      const { method, path, headers, body } = filled(interaction.request, values);
      const answer = await SELF.fetch(`${API}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const { response } = interaction;
      const text = await answer.text();
      expect(answer.status, text).toBe(response.status);
      expect(headerMismatches(response.headers, answer.headers, response.matchingRules?.header)).toEqual([]);
      expect(mismatches(response.body, JSON.parse(text), response.matchingRules?.body), text).toEqual([]);
    },
  );
});

// Webhooks ---------------------------------------------------------------------------------------------------------

const RECEIVER = "https://demo-provider.example.com/webhooks";
const inbox = receivers();
vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => inbox.send(String(input), init!));
afterEach(() => void vi.useRealTimers());

/** A running session in an app that hears of everything. */
async function withEndpoint(app: Awaited<ReturnType<typeof anApp>>): Promise<Values> {
  const made = await call("POST", "/v1/provider/webhooks", app.key, { url: RECEIVER, events: ["*"] });
  expect(made.status).toBe(201);
  return running(app);
}
STATES["a session that runs (webhooks)"] = async () => withEndpoint(await anApp());

describe("the Worker sends the demo provider the webhooks the contract says", () => {
  it.each(events.map((one): [string, Message] => [one.description, one]))("%s", async (_name, message) => {
    useVirtualClock();
    const [state] = message.providerStates;
    const { sessionId } =
      await STATES[state!.name === "a session that runs" ? `${state!.name} (webhooks)` : state!.name]!();
    const isIt = (text: string) => text.includes(`"type":"${message.contents.type}"`) && text.includes(sessionId!);
    // The Worker's own deliverer may have come first; either way it arrives here.
    await deliverDue(virtualDeliverer(Date.now(), inbox.send));
    const received = await vi.waitFor(() => {
      const found = inbox.received.find(({ body }) => isIt(body));
      expect(found).toBeDefined();
      return found!;
    });
    expect(received.url).toBe(RECEIVER);
    expect(mismatches(message.contents, JSON.parse(received.body), message.matchingRules.body)).toEqual([]);
    expect(headerMismatches(message.metadata, new Headers(received.headers), message.matchingRules.metadata)).toEqual(
      [],
    );
  });
});

describe("a broken promise", () => {
  it("is noticed: a field that is gone, a value that changed, a header of another kind", () => {
    const [start] = interactions;
    const { body, matchingRules } = start!.response;
    const session = { ...(body as { session: object }).session, status: "running", id: 17 };
    expect(mismatches(body, { session }, matchingRules?.body)).toEqual([
      expect.stringContaining("$.session.id: 17 does not match"),
      '$.session.status: "running", not "active"',
      "$.sessionToken: is missing",
    ]);
    expect(
      headerMismatches({ "Content-Type": "application/json" }, new Headers({ "content-type": "text/html" })),
    ).toEqual(['Content-Type: "text/html", not "application/json"']);
  });
});
