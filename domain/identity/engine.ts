// The identity engine (better-auth) on D1. Heavy: imported lazily, by sign-up and sign-in only, so that no other request
// pays for it. Nothing of it faces the network: its own routes are not mounted and its session token never leaves here.
// What it does not do, we do: refresh tokens, access tokens, rate limits (docs/decisions/0006-identity-engine.md).

import { APIError } from "better-auth/api";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import type { BatchItem } from "drizzle-orm/batch";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Millis } from "../clock.ts";
import { assert } from "../errors.ts";
import { newId } from "../ids.ts";
import { hashPassword, isPassword, PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./password.ts";
import { credentials, signIns, users, verifications } from "./schema.ts";

export interface EngineEnv {
  DB: D1Database;
  API_ORIGIN: string;
  AUTH_SECRET: string;
}

export interface Credentials {
  email: string;
  password: string;
}

/** Why the engine said no; its own words go no further. */
export type EngineRefusal = "email_taken" | "invalid_credentials";
export type SignedIn = { ok: true; userId: string; signInId: string } | { ok: false; refusal: EngineRefusal };

/** A new user with a password, a wallet and a first sign-in, in one D1 batch. */
export const signUp = (env: EngineEnv, it: Credentials & { name: string }, until: Lifetime): Promise<SignedIn> =>
  run(env, until, (engine) => engine.api.signUpEmail({ body: it }));

/** A new sign-in of a user with this password. Unknown user and wrong password cost the same time. */
export const signIn = (env: EngineEnv, it: Credentials, until: Lifetime): Promise<SignedIn> =>
  run(env, until, (engine) => engine.api.signInEmail({ body: it }));

export interface Lifetime {
  now: Millis;
  expiresAt: Millis;
}

type Engine = ReturnType<typeof openEngine>["engine"];

async function run(
  env: EngineEnv,
  lifetime: Lifetime,
  attempt: (engine: Engine) => Promise<{ user: { id: string } }>,
): Promise<SignedIn> {
  const { engine, made } = openEngine(env, lifetime);
  try {
    const { user } = await attempt(engine);
    assert(made.signInId, "the engine made a sign-in");
    return { ok: true, userId: user.id, signInId: made.signInId };
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    return { ok: false, refusal };
  }
}

function refusalOf(error: unknown): EngineRefusal | null {
  if (error instanceof APIError && error.body?.code === "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL") return "email_taken";
  if (error instanceof APIError && error.body?.code === "INVALID_EMAIL_OR_PASSWORD") return "invalid_credentials";
  // Two sign-ups at once: both found the address free, the table let one in.
  if (/UNIQUE constraint failed: users\.email/.test(errorText(error))) return "email_taken";
  return null;
}

const errorText = (error: unknown): string =>
  error instanceof Error ? `${error.message} ${error.cause ? errorText(error.cause) : ""}` : String(error);

/** An engine for one attempt: it costs about a millisecond, beside 160 for the password, and knows this request's time. */
function openEngine(env: EngineEnv, { now, expiresAt }: Lifetime) {
  const made: { signInId: string | null } = { signInId: null };
  const at = new Date(now);
  const engine = betterAuth({
    baseURL: env.API_ORIGIN,
    secret: env.AUTH_SECRET,
    telemetry: { enabled: false },
    logger: { disabled: true },
    database: drizzleAdapter(withBatchTransactions(drizzle(env.DB)), {
      provider: "sqlite",
      transaction: true,
      schema: { user: users, account: credentials, session: signIns, verification: verifications },
    }),
    advanced: { database: { generateId: () => newId(now) } },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_MIN_LENGTH,
      maxPasswordLength: PASSWORD_MAX_LENGTH,
      password: { hash: hashPassword, verify: ({ password, hash }) => isPassword(password, hash) },
    },
    user: {
      additionalFields: {
        role: { type: "string", input: false, defaultValue: "user" },
        walletId: { type: "string", input: false },
      },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user) => ({ data: { ...user, walletId: newId(now), createdAt: at, updatedAt: at } }),
        },
      },
      session: {
        create: {
          before: async (session) => ({
            data: { ...session, expiresAt: new Date(expiresAt), createdAt: at, updatedAt: at },
          }),
          after: async (session) => {
            made.signInId = session.id;
          },
        },
      },
    },
  });
  return { engine, made };
}

/**
 * Gives drizzle on D1 a transaction: inserts wait and go as one atomic `batch` at the end; reads see what was there
 * before. Its own would send BEGIN, which D1 refuses (drizzle-team/drizzle-orm#2463). Only inserts are offered, because
 * only they can answer before they ran; a flow that updates inside a transaction fails here and not half-way.
 */
function withBatchTransactions(db: DrizzleD1Database) {
  const transaction = async <Result>(work: (tx: object) => Promise<Result>): Promise<Result> => {
    const waiting: BatchItem<"sqlite">[] = [];
    const insert = (table: SQLiteTable) => ({
      values: (row: Record<string, unknown>) => ({
        returning: async () => {
          waiting.push(db.insert(table).values(row));
          return [row];
        },
      }),
    });
    const result = await work({ select: db.select.bind(db), insert });
    const [first, ...rest] = waiting;
    if (first) await db.batch([first, ...rest]);
    return result;
  };
  return Object.assign(Object.create(db) as DrizzleD1Database, { transaction });
}
