// What an operator types to give tokens: what is asked for, and what reaches the API.

import { expect, it } from "vitest";
import { emptyGrant, readGrant } from "../../web/src/lib/grant-form.ts";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const paid = {
  ...emptyGrant("organisation"),
  organisation: " Stadtwerke ",
  email: " ana@example.com ",
  tokens: 1_000,
  paid: 9.07,
  reason: " Budget ",
};

it("sends what an organisation paid in whole cents, and of a gift only what a gift has", () => {
  expect(readGrant(paid, NOW)).toEqual({
    wrong: [],
    wish: {
      email: "ana@example.com",
      source: "organisation",
      organisation: "Stadtwerke",
      tokens: 1_000,
      paidCents: 907,
      reference: null,
      reason: "Budget",
    },
  });
  const gift = readGrant({ ...paid, source: "promotion", expires: "2026-11-26" }, NOW);
  expect(gift.wish).toEqual({
    email: "ana@example.com",
    source: "promotion",
    tokens: 1_000,
    expiresAt: "2026-11-26T23:59:59Z",
    reason: "Budget",
  });
});

it("names every field that is wrong", () => {
  expect(readGrant(emptyGrant("organisation"), NOW)).toEqual({
    wish: null,
    wrong: ["organisation", "email", "tokens", "paid", "reason"],
  });
  for (const [change, wrong] of [
    [{ tokens: 100_000, paid: 1_000 }, []],
    [{ tokens: 100_001 }, ["tokens"]],
    [{ tokens: 1.5 }, ["tokens", "paid"]],
    [{ paid: 10.01 }, ["paid"]],
    [{ paid: 0.004 }, ["paid"]],
    [{ email: "ana" }, ["email"]],
    [{ source: "promotion" as const, expires: "2026-11-25" }, ["expires"]],
  ] as const)
    expect(readGrant({ ...paid, ...change }, NOW).wrong, JSON.stringify(change)).toEqual(wrong);
});
