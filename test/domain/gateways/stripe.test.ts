// The door to Stripe: where it leads, and what it says when something is wrong.

import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { createCustomer, findCheckout, stripeClient, type StripeEnv } from "../../../domain/gateways/stripe.ts";
import { StripeRefused, StripeUnavailable } from "../../../domain/gateways/stripe-errors.ts";
import { listEvents, type StripeEventType } from "../../../domain/gateways/stripe-hints.ts";
import { installStripe } from "../../support/stripe.ts";

const stripe = installStripe();
const local: StripeEnv = {
  ENVIRONMENT: "local",
  STRIPE_SECRET_KEY: "sk_test_standin",
  STRIPE_WEBHOOK_SECRET: "whsec_test",
  STRIPE_API_BASE: env.STRIPE_API_BASE!,
};

describe("another address than Stripe's", () => {
  it.each([
    ["outside loopback", { STRIPE_API_BASE: "http://stripe.example.com:12111" }],
    ["that only looks like loopback", { STRIPE_API_BASE: "http://127.0.0.1.example.com" }],
    ["of this network", { STRIPE_API_BASE: "http://192.168.1.10:12111" }],
    ["with a live key", { STRIPE_SECRET_KEY: "sk_live_real" }],
    ["in production", { ENVIRONMENT: "production" as const }],
  ])("%s is refused", async (_, change) => {
    await expect(stripeClient({ ...local, ...change })).rejects.toThrow(/local stand-in only/);
  });

  it("on loopback with a test key is taken", async () => {
    expect(await createCustomer(await stripeClient(local), { userId: "u", email: "a@example.com" }, "key-1")).toMatch(
      /^cus_/,
    );
  });

  it("is not used when none is set: a key alone means the real Stripe", async () => {
    const { STRIPE_API_BASE: _, ...real } = { ...local, STRIPE_SECRET_KEY: "sk_test_real" };
    const client = (await stripeClient(real)) as unknown as { getApiField(name: string): string };
    expect(client.getApiField("host")).toBe("api.stripe.com");
    expect(client.getApiField("protocol")).toBe("https");
  });

  it("needs a secret key, not a publishable one", async () => {
    await expect(stripeClient({ ...local, STRIPE_SECRET_KEY: "pk_test_x" })).rejects.toThrow(/STRIPE_SECRET_KEY/);
  });
});

describe("trouble", async () => {
  const client = await stripeClient(local);

  it("is StripeUnavailable and worth repeating when Stripe is too busy", async () => {
    await stripe.dev("/fail-next", { kind: "rate_limit" });
    await expect(findCheckout(client, "cs_test_x")).rejects.toMatchObject({
      code: "payment_provider_unavailable",
      isWorthRepeating: true,
    });
  });

  it("is not worth repeating under the same key when Stripe answered that it failed", async () => {
    await stripe.dev("/fail-next", { kind: "server_error", count: 3 });
    const trouble = await findCheckout(client, "cs_test_x").catch((error: unknown) => error);
    expect(trouble).toBeInstanceOf(StripeUnavailable);
    expect(trouble).toMatchObject({ isWorthRepeating: false });
  }, 15_000);

  it("is StripeRefused, without anything we sent, when the call is wrong", async () => {
    await createCustomer(client, { userId: "u", email: "first@example.com" }, "key-2");
    const refused = await createCustomer(client, { userId: "u", email: "second@example.com" }, "key-2").catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(StripeRefused);
    expect(String(refused)).not.toContain("example.com");
  });

  it("is null for a checkout Stripe does not know", async () => {
    expect(await findCheckout(client, "cs_test_unknown")).toBeNull();
  });
});

describe("the events that were missed", () => {
  it("are asked for twenty types at a time, which is what Stripe takes, and come oldest first", async () => {
    const client = await stripeClient(local);
    const customer = await createCustomer(client, { userId: "u", email: "c@example.com" }, "key-3");
    await client.customers.update(customer, { name: "Carla" });
    const many = Array.from({ length: 19 }, (_, i) => `invoice.type_${i}`);
    const types = ["customer.updated", ...many, "customer.created"] as StripeEventType[];
    const always = { since: 0, until: Date.now() + 1_000 };
    const { hints, isWhole } = await listEvents(client, types, always, 100);
    expect(
      hints
        .filter(({ objectId }) => objectId === customer)
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(["customer.created", "customer.updated"]);
    expect(isWhole).toBe(true);
    expect((await listEvents(client, types, always, 1)).isWhole).toBe(false);
    expect(hints.map(({ createdAt }) => createdAt)).toEqual(hints.map(({ createdAt }) => createdAt).toSorted());
  });
});
