// Settings: defaults in code, overruled in D1 by an operator, with every change on record.

import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../domain/settings/definitions.ts";
import { forgetSettings, readSettings, SETTINGS_CACHE_MS } from "../../../domain/settings/read-settings.ts";
import { putSetting } from "../../../domain/settings/store.ts";
import { call } from "../../support/market.ts";
import { newPerson } from "../../support/people.ts";

interface View {
  settings: { key: string; value: unknown; default: unknown; updatedBy: string | null }[];
  changes: { key: string; oldValue: unknown; newValue: unknown; changedBy: string }[];
}
const operator = () => newPerson({ role: "operator" });
const change = (token: string, settings: unknown, headers = {}) =>
  call<View & { code: string; errors: { field: string; message: string }[] }>(
    "PUT",
    "/v1/operator/settings",
    token,
    { settings },
    headers,
  );
const row = (view: View, key: string) => view.settings.find((setting) => setting.key === key);

it("are the defaults of the code until somebody changes one, and again when it is put back", async () => {
  const { token, userId } = await operator();
  const before = await call<View>("GET", "/v1/operator/settings", token);
  expect(before.body.settings.length).toBe(Object.keys(DEFAULT_SETTINGS).length);
  expect(row(before.body, "trialTokens")).toMatchObject({ value: 0, default: 0, updatedBy: null });

  const after = await change(token, { trialTokens: 200, sellerName: "Meter GmbH" });
  expect(after.status).toBe(200);
  expect(row(after.body, "trialTokens")).toMatchObject({ value: 200, default: 0, updatedBy: userId });
  expect(await readSettings(env.DB, Date.now())).toMatchObject({ trialTokens: 200, sellerName: "Meter GmbH" });

  await change(token, { trialTokens: null, sellerName: null });
  expect(await readSettings(env.DB, Date.now())).toEqual(DEFAULT_SETTINGS);
});

it("note who changed what, once, and what was there before", async () => {
  const { token, userId } = await operator();
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const first = await change(token, { referralTokens: 50 }, key);
  const again = await change(token, { referralTokens: 50 }, key);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(again.body).toEqual(first.body);
  await change(token, { referralTokens: 50 });
  const last = await change(token, { referralTokens: 70 });
  const noted = (await call<View>("GET", "/v1/operator/settings", token)).body.changes;
  expect(noted.filter((one) => one.key === "referralTokens")).toMatchObject([
    { oldValue: 50, newValue: 70, changedBy: userId },
    { oldValue: null, newValue: 50, changedBy: userId },
  ]);
  expect(last.body.changes).toEqual(noted);
  await change(token, { referralTokens: null });
});

it("refuse all of a change when one value cannot be, and name each", async () => {
  const { token } = await operator();
  const answer = await change(token, { trialDays: 0, nothing: 1, trialTokens: 5, taxEnabled: "yes" });
  expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  expect(answer.body.errors.map(({ field }) => field)).toEqual([
    "settings.trialDays",
    "settings.nothing",
    "settings.taxEnabled",
  ]);
  expect((await readSettings(env.DB, Date.now())).trialTokens).toBe(0);
});

it.each([
  ["a discount under 1,000 tokens", [{ tokens: 900, discountBasisPoints: 100 }]],
  ["more than 15 %", [{ tokens: 50_000, discountBasisPoints: 1_501 }]],
  [
    "a larger bundle that gives less",
    [
      { tokens: 2_000, discountBasisPoints: 300 },
      { tokens: 5_000, discountBasisPoints: 200 },
    ],
  ],
  ["a bundle that loses after the card fee", [{ tokens: 1_000, discountBasisPoints: 1_500 }]],
])("refuse %s", async (_, bundles) => {
  const answer = await change((await operator()).token, { bundles });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: "settings.bundles" }] } });
});

it("refuse a card fee under which a bundle that stands would lose", async () => {
  const { token } = await operator();
  expect((await change(token, { bundles: [{ tokens: 2_000, discountBasisPoints: 1_000 }] })).status).toBe(200);
  const answer = await change(token, { cardFeeBasisPoints: 1_000, cardFeeFixedCents: 500 });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: "settings.bundles" }] } });
  await change(token, { bundles: null });
});

it("are an operator's alone", async () => {
  const { token } = await newPerson();
  expect((await call("GET", "/v1/operator/settings", token)).status).toBe(403);
  expect((await change(token, { trialTokens: 9 })).status).toBe(403);
  expect((await call("GET", "/v1/operator/settings", null)).status).toBe(401);
});

it("are read from D1 at most once in half a minute, and a row nobody can read is as if it were not there", async () => {
  forgetSettings();
  const now = Date.now();
  await readSettings(env.DB, now);
  const rows = { trialTokens: "7", trialDays: '"long"', fromTheFuture: "1" };
  await env.DB.batch(
    Object.entries(rows).map(([key, value]) => putSetting(env.DB, { key, value, updatedAt: now, updatedBy: "x" })),
  );
  expect((await readSettings(env.DB, now + SETTINGS_CACHE_MS - 1)).trialTokens).toBe(0);
  const settings = await readSettings(env.DB, now + SETTINGS_CACHE_MS);
  expect(settings).toEqual({ ...DEFAULT_SETTINGS, trialTokens: 7 });
});
