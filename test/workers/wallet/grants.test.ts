// Tokens an operator gives: on the books once, drawn in their order, owed like paid ones where an organisation paid.

import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { booksAreSound, call } from "../../support/market.ts";
import { newPerson } from "../../support/people.ts";

const balance = async (id: string): Promise<number> =>
  (await env.DB.prepare("SELECT abs(debits - credits) AS n FROM accounts WHERE id = ?").bind(id).first<number>("n")) ??
  0;

it("an organisation's tokens are given once, for what it paid, and go before what the person bought", async () => {
  const [operator, person] = [await newPerson({ role: "operator" }), await newPerson({ tokens: 100 })];
  const [bank, liability] = [await balance("bank"), await balance("token_liability")];
  const wish = {
    email: person.email.toUpperCase(),
    source: "organisation",
    organisation: "Stadtwerke Beispiel",
    tokens: 1_000,
    paidCents: 900,
    reference: "Invoice 2030-7",
    reason: "Yearly budget",
  };
  const give = (body: object, key = "g1") =>
    call("POST", "/v1/operator/grants", operator.token, body, { "Idempotency-Key": key });
  const given = await give(wish);
  expect(given).toMatchObject({
    status: 201,
    body: { grant: { userId: person.userId, tokens: 1_000, paidCents: 900 } },
  });
  expect((await give(wish)).body).toEqual(given.body);
  expect((await call("GET", "/v1/tokens/balance", person.token)).body).toMatchObject({ balance: 1_100 });
  expect(await balance("bank")).toBe(bank + 900);
  expect(await balance("token_liability")).toBe(liability + 900);
  const lots = await env.DB.prepare(
    "SELECT source, kind, basis_cents AS basis FROM lots WHERE wallet_id = ? ORDER BY priority",
  )
    .bind(person.walletId)
    .all();
  expect(lots.results).toEqual([
    { source: "organisation", kind: "paid", basis: 900 },
    { source: "purchase", kind: "paid", basis: 100 },
  ]);
  expect((await call("GET", "/v1/operator/grants", operator.token)).body).toMatchObject({
    grants: [
      {
        userId: person.userId,
        email: person.email,
        organisation: "Stadtwerke Beispiel",
        remainingTokens: 1_000,
        reference: "Invoice 2030-7",
        grantedBy: operator.userId,
        grantedByEmail: operator.email,
      },
    ],
  });
  const told = await call<{ notifications: { kind: string }[] }>("GET", "/v1/me/notifications", person.token);
  expect(told.body.notifications.map(({ kind }) => kind)).toEqual(["tokens_granted"]);
  await booksAreSound();

  // A gift costs nothing until it is spent, and may expire.
  const gift = {
    userId: person.userId,
    source: "promotion",
    tokens: 50,
    reason: "Sorry",
    expiresAt: "2999-01-01T00:00:00Z",
  };
  expect((await give(gift, "g2")).status).toBe(201);
  expect(await balance("token_liability")).toBe(liability + 900);
  await booksAreSound();
});

it("refuses what does not add up, and whoever is no operator", async () => {
  const [operator, person] = [await newPerson({ role: "operator" }), await newPerson()];
  const base = { userId: person.userId, source: "organisation", tokens: 100, paidCents: 100, reason: "x" };
  for (const [change, status, field] of [
    [{ paidCents: 0 }, 400, "paidCents"],
    [{ paidCents: 101 }, 400, "paidCents"],
    [{ source: "promotion" }, 400, "paidCents"],
    [{ expiresAt: "2999-01-01T00:00:00Z" }, 400, "expiresAt"],
    [{ source: "promotion", paidCents: 0, expiresAt: "2001-01-01T00:00:00Z" }, 400, "expiresAt"],
    [{ source: "promotion", paidCents: 0, organisation: "Stadtwerke" }, 400, "organisation"],
    [{ organisation: " " }, 400, "organisation"],
    [{ email: person.email }, 400, "userId"],
    [{ userId: "nobody" }, 404, undefined],
    [{ tokens: 0 }, 400, "tokens"],
  ] as const) {
    const answer = await call<{ errors?: { field: string }[] }>("POST", "/v1/operator/grants", operator.token, {
      ...base,
      ...change,
    });
    expect([answer.status, answer.body.errors?.[0]?.field], JSON.stringify(change)).toEqual([status, field]);
  }
  expect((await call("POST", "/v1/operator/grants", person.token, base)).status).toBe(403);
  await booksAreSound();
});
