import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { wallClock } from "../../../domain/clock.ts";
import { firstRefreshToken, renew } from "../../../domain/identity/refresh-token.ts";
import { countAttempt } from "../../../domain/limits/attempts.ts";
import { purgeExpired } from "../../../workers/cron/purge-expired.ts";
import { newPerson } from "../../support/people.ts";

const count = (table: string) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");

it("forgets sign-ins and attempts when their time is over, and nothing before", async () => {
  const now = wallClock();
  const person = await newPerson();
  const end = now + 24 * 60 * 60 * 1000;
  const { refreshToken } = await firstRefreshToken(env, { ...person, expiresAt: end }, now);
  await countAttempt(env, { address: "203.0.113.1", email: person.email }, end - 1);

  await purgeExpired(env, end - 1);
  expect([await count("sign_ins"), await count("attempt_buckets")]).toEqual([1, 3]);
  const { refreshToken: next } = await renew(env, refreshToken, end - 1);

  await purgeExpired(env, end + 24 * 60 * 60 * 1000);
  expect([await count("sign_ins"), await count("refresh_tokens"), await count("attempt_buckets")]).toEqual([0, 0, 0]);
  await expect(renew(env, next, end - 1)).rejects.toMatchObject({ code: "unauthenticated" });
});
