// What every story starts from: where the stack is, a client for what happened before the story begins, and people.

import { test as base } from "@playwright/test";
import { Marketplace, type Origins, type Person } from "../../support/marketplace.ts";

interface Flow {
  origins: Origins;
  /** For what a story takes as given; what it is about happens in the browser. */
  market: Marketplace;
  /** Makes a person with this many tokens, bought on the stand-in. */
  newPerson: (tokens?: number) => Promise<Person>;
}

/** The seeded person, with 10,000 tokens at the beginning; stories share it, so none may rely on its balance. */
export const SEEDED = { email: "test@marketplace.com", password: "testpassword123" };

export const test = base.extend<Flow>({
  // Playwright reads the parameter's pattern to learn what a fixture needs.
  // oxlint-disable-next-line no-empty-pattern
  origins: async ({}, use) => {
    const origin = (place: string): string => process.env[`FLOW_${place}_ORIGIN`] ?? "";
    await use({ api: origin("API"), web: origin("WEB"), demo: origin("DEMO"), stripe: origin("STRIPE") });
  },
  baseURL: async ({ origins }, use) => use(origins.web),
  market: async ({ origins }, use) => use(new Marketplace(origins)),
  newPerson: async ({ market }, use) => {
    await use(async (tokens = 0) => {
      const person = await market.register();
      if (tokens > 0) await market.buyTokens(person, tokens);
      return person;
    });
  },
});

export { expect } from "@playwright/test";
