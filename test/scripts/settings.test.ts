import { expect, it } from "vitest";
import { readSettings, usedPlaces } from "../../scripts/start/settings.ts";

it("listens on the documented ports when nothing is said", () => {
  expect(readSettings({}).ports).toEqual({ api: 3000, web: 5173, demo: 4000, stripe: 12111 });
});

it("derives the origins from the ports", () => {
  const { origins } = readSettings({ API_PORT: "3100", WEB_PORT: "5200" });
  expect(origins.api).toBe("http://localhost:3100");
  expect(origins.web).toBe("http://localhost:5200");
});

it.each(["0", "65536", "http", "3.5", "-1"])("refuses %s as a port and names the variable", (port) => {
  expect(() => readSettings({ API_PORT: port })).toThrow(/^API_PORT .*from 1 to 65535/);
});

it("refuses one port for two places", () => {
  expect(() => readSettings({ API_PORT: "5173" })).toThrow("share one port");
});

it("refuses a rate limit setting it does not know", () => {
  expect(() => readSettings({ RATE_LIMITS: "none" })).toThrow("RATE_LIMITS");
});

it("leaves the stand-in out when a real Stripe key is there", () => {
  expect(usedPlaces(readSettings({ STRIPE_SECRET_KEY: "sk_test_real" }))).toEqual(["api", "web", "demo"]);
  expect(usedPlaces(readSettings({}))).toContain("stripe");
});
