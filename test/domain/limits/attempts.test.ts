import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { countAttempt, forgiveAttempts } from "../../../domain/limits/attempts.ts";
import { ATTEMPT_TIERS } from "../../../domain/limits/tiers.ts";

const now = Date.UTC(2026, 10, 22, 12);
let next = 0;
const newEmail = () => `target-${next++}@example.com`;
const newAddress = () => `203.0.113.${next++}`;
const count = (address: string, email: string, at = now) => countAttempt(env, { address, email }, at);

it("allows one address ten guesses at an account, then one a minute", async () => {
  const [address, email] = [newAddress(), newEmail()];
  for (let i = 0; i < ATTEMPT_TIERS.accountFromAddress.capacity; i++)
    expect((await count(address, email)).isAllowed).toBe(true);
  expect(await count(address, email)).toMatchObject({
    isAllowed: false,
    tier: "accountFromAddress",
    retryAfterSeconds: 60,
  });
  expect((await count(address, email, now + 59_999)).isAllowed).toBe(false);
  expect((await count(address, email, now + 60_000)).isAllowed).toBe(true);
});

it("counts guesses that arrive at the same moment one by one", async () => {
  const [address, email] = [newAddress(), newEmail()];
  const verdicts = await Promise.all(Array.from({ length: 30 }, () => count(address, email)));
  expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(ATTEMPT_TIERS.accountFromAddress.capacity);
});

it("does not let one address lock the owner out", async () => {
  const email = newEmail();
  const attacker = newAddress();
  await Promise.all(Array.from({ length: 150 }, () => count(attacker, email)));
  expect((await count(newAddress(), email)).isAllowed).toBe(true);
});

it("stops guessing at one account from everywhere after a hundred", async () => {
  const email = newEmail();
  const verdicts = await Promise.all(Array.from({ length: 120 }, () => count(newAddress(), email)));
  expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(ATTEMPT_TIERS.account.capacity);
  expect((await count(newAddress(), newEmail())).isAllowed).toBe(true);
});

it("stops one address that tries many accounts", async () => {
  const address = newAddress();
  const verdicts = await Promise.all(Array.from({ length: 70 }, () => count(address, newEmail())));
  expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(ATTEMPT_TIERS.address.capacity);
});

it("forgets an account's wrong guesses after the right password, but not the address's", async () => {
  const [address, email] = [newAddress(), newEmail()];
  for (let i = 0; i < 9; i++) await count(address, email);
  await forgiveAttempts(env, { address, email });
  const { remaining, tier } = await count(address, email);
  expect({ remaining, tier }).toEqual({ remaining: 9, tier: "accountFromAddress" });
  const before = await Promise.all(Array.from({ length: 60 }, () => count(address, newEmail())));
  expect(before.filter(({ isAllowed }) => isAllowed)).toHaveLength(50);
});

it("stores neither addresses nor e-mails", async () => {
  const [address, email] = ["198.51.100.77", newEmail()];
  await count(address, email);
  const rows = await env.DB.prepare("SELECT key FROM attempt_buckets").all<{ key: string }>();
  for (const { key } of rows.results) expect(key).toMatch(/^[0-9a-f]{64}$/);
});
