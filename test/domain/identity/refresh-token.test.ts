import { env } from "cloudflare:test";
import { expect, it } from "vitest";
import { wallClock } from "../../../domain/clock.ts";
import {
  firstRefreshToken,
  renew,
  REUSE_GRACE_MS,
  SIGN_IN_LIFETIME_MS,
} from "../../../domain/identity/refresh-token.ts";
import { newPerson } from "../../support/people.ts";

const start = wallClock();

async function signedIn() {
  const person = await newPerson();
  const expiresAt = start + SIGN_IN_LIFETIME_MS;
  const first = await firstRefreshToken(env, { ...person, expiresAt }, start);
  return { ...person, token: first.refreshToken };
}
const next = async (token: string, now: number) => (await renew(env, token, now)).refreshToken;
const isRefused = (token: string, now: number) =>
  renew(env, token, now).then(
    () => false,
    (error: { code?: string }) => error.code === "unauthenticated",
  );

it("gives each token one successor, and says whose it is", async () => {
  const { token, userId } = await signedIn();
  const renewal = await renew(env, token, start + 1);
  expect(renewal.person.id).toBe(userId);
  expect(renewal.refreshToken).not.toBe(token);
  expect(await next(renewal.refreshToken, start + 2)).not.toBe(renewal.refreshToken);
});

it("gives twenty parallel callers the same successor", async () => {
  const { token } = await signedIn();
  const successors = await Promise.all(Array.from({ length: 20 }, () => next(token, start + 1)));
  expect(new Set(successors).size).toBe(1);
});

it("repeats the successor after a lost answer, up to ten seconds", async () => {
  const { token } = await signedIn();
  const successor = await next(token, start);
  expect(await next(token, start + REUSE_GRACE_MS)).toBe(successor);
});

it("ends the whole sign-in when a used token comes back later", async () => {
  const { token } = await signedIn();
  const successor = await next(token, start);
  expect(await isRefused(token, start + REUSE_GRACE_MS + 1)).toBe(true);
  expect(await isRefused(successor, start + REUSE_GRACE_MS + 2)).toBe(true);
});

it("ends the whole sign-in when a token comes back after its successor was used, even at once", async () => {
  const { token } = await signedIn();
  const child = await next(token, start);
  const grandchild = await next(child, start + 1);
  expect(await isRefused(token, start + 2)).toBe(true);
  expect(await isRefused(grandchild, start + 3)).toBe(true);
});

it("leaves the same person's other sign-ins alone when one is ended", async () => {
  const one = await signedIn();
  const otherSignIn = crypto.randomUUID();
  await env.DB.prepare(
    "INSERT INTO sign_ins (id, user_id, token, expires_at, created_at, updated_at) VALUES (?1, ?2, ?1, ?3, ?4, ?4)",
  )
    .bind(otherSignIn, one.userId, start + SIGN_IN_LIFETIME_MS, start)
    .run();
  const it2 = { userId: one.userId, signInId: otherSignIn, expiresAt: start + SIGN_IN_LIFETIME_MS };
  const other = await firstRefreshToken(env, it2, start);
  await next(one.token, start);
  expect(await isRefused(one.token, start + REUSE_GRACE_MS + 1)).toBe(true);
  expect(await isRefused(other.refreshToken, start + REUSE_GRACE_MS + 1)).toBe(false);
});

it("ends seven days after the sign-in, however often it is renewed", async () => {
  const { token } = await signedIn();
  const end = start + SIGN_IN_LIFETIME_MS;
  const second = await renew(env, token, start + SIGN_IN_LIFETIME_MS / 2);
  expect(second.expiresAt).toBe(end);
  const third = await next(second.refreshToken, end - 1);
  expect(await isRefused(third, end)).toBe(true);
});

it("refuses a token nobody was given", async () => {
  expect(await isRefused("A".repeat(43), start)).toBe(true);
});

it("never hands out a successor that another server secret derives", async () => {
  const { token } = await signedIn();
  await next(token, start);
  await expect(renew({ ...env, AUTH_SECRET: "another" }, token, start + 1)).rejects.toMatchObject({
    code: "unauthenticated",
  });
});
