// A small market inside the test Worker: people with tokens, apps with prices, sessions driven under a virtual clock. All
// through the real Worker; only wallets and apps are put straight into D1.

import { env, runDurableObjectAlarm, SELF } from "cloudflare:test";
import { vi } from "vitest";
import type { SessionState } from "../../sdk/src/protocol/session.ts";
import { insertApp } from "../../domain/catalogue/store.ts";
import { issueAccessToken } from "../../domain/identity/access-token.ts";
import { newApiKey } from "../../domain/identity/api-keys.ts";
import { insertApiKey } from "../../domain/identity/store.ts";
import { newId, randomSecret } from "../../domain/ids.ts";
import { createWalletStatement, findDiscrepancies, issueStatement } from "../../domain/ledger/store.ts";
import { DEFAULT_FEE_BASIS_POINTS } from "../../domain/money.ts";
import { hourlyPricing, tokenRatePerHour, type PriceComponent } from "../../domain/pricing/components.ts";

export const API = "http://localhost:3000";

/** Sets the clock of the Worker and its objects; alarms are run by hand (`ring`). */
export const setClock = (at: number): void => void vi.setSystemTime(at);
export const useVirtualClock = (at = Date.UTC(2030, 0, 1)): void => {
  // Far ahead of the real clock, so that no alarm fires by itself.
  vi.useFakeTimers({ toFake: ["Date"], now: at });
};
export const passSeconds = (seconds: number): void => setClock(Date.now() + seconds * 1000);

export interface Person {
  userId: string;
  walletId: string;
  token: string;
}

export async function aPerson(tokens = 0, kind: "paid" | "promo" = "paid"): Promise<Person> {
  const now = Date.now();
  const [userId, walletId] = [newId(now), newId(now)];
  await env.DB.batch([
    createWalletStatement(env.DB, walletId, now),
    ...(tokens > 0
      ? [
          issueStatement(env.DB, {
            id: `purchase:test-${walletId}`,
            lotId: newId(now),
            walletId,
            kind,
            tokens,
            paidCents: kind === "paid" ? tokens : 0,
            at: now,
          }),
        ]
      : []),
  ]);
  return { userId, walletId, token: await freshToken({ userId, walletId }) };
}

/** Access tokens live 15 minutes; a test that lets hours pass signs in again. */
export const freshToken = (
  { userId, walletId }: Pick<Person, "userId" | "walletId">,
  role: "user" | "operator" = "user",
): Promise<string> => issueAccessToken(env, { userId, walletId, signInId: randomSecret(8), role }, Date.now());

export interface TestApp {
  id: string;
  key: string;
  testKey: string;
  ownerUserId: string;
}

export async function anApp(
  pricing: PriceComponent[] | number = 500,
  appUrl = "https://writer.example.com/start?plan=a",
): Promise<TestApp> {
  const now = Date.now();
  const components = typeof pricing === "number" ? hourlyPricing(pricing) : pricing;
  const [id, ownerUserId] = [newId(now), newId(now)];
  const [live, test] = [await newApiKey("live", now), await newApiKey("test", now)];
  await env.DB.batch([
    ...insertApp(env.DB, {
      id,
      ownerUserId,
      name: "AI Writer Pro",
      description: "Writes.",
      category: "writing",
      tags: [],
      useCases: ["write a text"],
      // One owner an origin; every test app has its own owner, so its own host.
      appUrl: appUrl.replace("writer.", `writer-${id}.`),
      appOrigin: new URL(appUrl.replace("writer.", `writer-${id}.`)).origin,
      logoUrl: "https://writer.example.com/logo.png",
      dataReceived: [],
      refundTerms: null,
      regions: [],
      status: "active",
      review: "approved",
      priceVersionId: newId(now),
      components,
      feeBasisPoints: DEFAULT_FEE_BASIS_POINTS,
      tokenRatePerHour: tokenRatePerHour(components),
      rating: null,
      ratingCount: 0,
      createdAt: now,
      updatedAt: now,
    }),
    insertApiKey(env.DB, id, live, now),
    insertApiKey(env.DB, id, test, now),
  ]);
  return { id, key: live.key, testKey: test.key, ownerUserId };
}

export interface Answer<Body> {
  status: number;
  body: Body;
  headers: Headers;
}

/** One JSON request. `body` undefined means no body. */
export async function call<Body = Record<string, unknown>>(
  method: string,
  path: string,
  bearer: string | null,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const answer = await SELF.fetch(`${API}${path}`, {
    method,
    headers: {
      ...(bearer && { Authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
  });
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : null) as Body, headers: answer.headers };
}

export interface CreatedBody {
  session: { id: string; redirectUrl: string; tokensAllocated: number; durationMinutes: number };
}
export const create = (person: Person, app: TestApp, durationMinutes = 60, headers: Record<string, string> = {}) =>
  call<CreatedBody>("POST", "/v1/sessions/create", person.token, { providerId: app.id, durationMinutes }, headers);

export interface SyncBody {
  session: SessionState;
  sessionToken: string;
  balance?: number;
}
export const sync = (bearer: string, body: Record<string, unknown>) =>
  call<SyncBody>("POST", "/v1/provider/sessions/sync", bearer, body);

export const launchTokenOf = (redirectUrl: string): string =>
  new URL(redirectUrl).searchParams.get("marketplace_session")!;

export interface Running {
  id: string;
  token: string;
  launchToken: string;
  allocated: number;
}

/** Create and redeem: a session with its clock running since now. */
export async function started(person: Person, app: TestApp, durationMinutes = 60): Promise<Running> {
  const created = await create(person, app, durationMinutes);
  if (created.status !== 200) throw new Error(`create: ${created.status} ${JSON.stringify(created.body)}`);
  const { id, redirectUrl, tokensAllocated } = created.body.session;
  const launchToken = launchTokenOf(redirectUrl);
  const start = await sync(launchToken, { action: "start", nonce: `nonce-${id}` });
  if (start.status !== 200) throw new Error(`start: ${start.status} ${JSON.stringify(start.body)}`);
  return { id, token: start.body.sessionToken, launchToken, allocated: tokensAllocated };
}

/** Beat every 30 s for so long, with activity, as an open page does. */
export async function work(session: Running, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 30) {
    passSeconds(Math.min(30, left));
    await sync(session.token, { action: "heartbeat", active: true });
  }
}

/** Let the session's own alarm fire, if it is due by the virtual clock or not. */
export const ring = (sessionId: string): Promise<boolean> => runDurableObjectAlarm(env.SESSIONS.getByName(sessionId));

export const balanceOf = async (person: Pick<Person, "walletId">): Promise<{ available: number; held: number }> =>
  (await env.DB.prepare("SELECT available, held FROM wallets WHERE id = ?")
    .bind(person.walletId)
    .first<{ available: number; held: number }>())!;

/** The books must be sound after every test. */
export async function booksAreSound(): Promise<void> {
  const findings = await findDiscrepancies(env.DB);
  if (findings.length > 0) throw new Error(`the books are broken: ${JSON.stringify(findings)}`);
}

export const eventsOf = async (
  sessionId: string,
): Promise<{ type: string; sequence: number; data: Record<string, unknown> }[]> => {
  const { results } = await env.DB.prepare(
    "SELECT type, sequence, data FROM outbox WHERE session_id = ? ORDER BY sequence",
  )
    .bind(sessionId)
    .all<{ type: string; sequence: number; data: string }>();
  return results.map((row) => ({ ...row, data: JSON.parse(row.data) as Record<string, unknown> }));
};
