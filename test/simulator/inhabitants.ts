// Who lives in a simulated marketplace: people with a wallet, and apps of three kinds of price. Put straight into the
// database, because signing up is not what is simulated.

import { insertApp } from "../../domain/catalogue/store.ts";
import { issueAccessToken } from "../../domain/identity/access-token.ts";
import { newApiKey } from "../../domain/identity/api-keys.ts";
import { insertApiKey } from "../../domain/identity/store.ts";
import { newId } from "../../domain/ids.ts";
import { issueStatement } from "../../domain/ledger/store.ts";
import { findAccountOf } from "../../domain/payouts/account-store.ts";
import { beginOnboarding } from "../../domain/payouts/connect-account.ts";
import { DEFAULT_FEE_BASIS_POINTS } from "../../domain/money.ts";
import { tokenRatePerHour, type PriceComponent } from "../../domain/pricing/components.ts";
import type { Dice } from "./dice.ts";
import type { World } from "./world.ts";

export interface Person {
  index: number;
  userId: string;
  walletId: string;
  /** A valid access token, signed in again when it ran out. */
  token(): Promise<string>;
  /** The same person as an operator; only the first one is. */
  operatorToken(): Promise<string>;
}

export interface App {
  index: number;
  id: string;
  name: string;
  ownerUserId: string;
  key: string;
  kind: keyof typeof PRICES;
}

/** Easy to price by hand: a token each ten seconds; that and 5 a scene; tokens as reported. */
export const PRICES = {
  time: [{ meter: "hour", price: { model: "per_unit", unit: "360" } }],
  both: [
    { meter: "hour", price: { model: "per_unit", unit: "360" } },
    { meter: "scene", price: { model: "per_unit", unit: "5" }, holdPerHour: 12 },
  ],
  reported: [{ meter: "token", price: { model: "dynamic" }, holdPerHour: 120 }],
} as const satisfies Record<string, PriceComponent[]>;
/** What each kind's reports are in. */
export const METERS = { time: null, both: "scene", reported: "token" } as const;

const TOKEN_KEPT_MS = 10 * 60 * 1000;

export async function aPerson(world: World, index: number): Promise<Person> {
  const { now, env } = world;
  const [userId, walletId, signInId] = [newId(now), newId(now), newId(now)];
  await env.DB.prepare(
    "INSERT INTO users (id, email, email_verified, role, wallet_id, created_at, updated_at) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?5)",
  )
    .bind(userId, `person-${index}@example.com`, index === 0 ? "operator" : "user", walletId, now)
    .run();
  const kept = new Map<string, { token: string; until: number }>();
  const tokenOf = async (role: "user" | "operator"): Promise<string> => {
    const known = kept.get(role);
    if (known && known.until > world.now) return known.token;
    const token = await issueAccessToken(world.env, { userId, walletId, signInId, role }, world.now);
    kept.set(role, { token, until: world.now + TOKEN_KEPT_MS });
    return token;
  };
  return { index, userId, walletId, token: () => tokenOf("user"), operatorToken: () => tokenOf("operator") };
}

/** Something to begin with, of two kinds and two ages. */
export async function aGift(world: World, { walletId }: Person, dice: Dice): Promise<void> {
  const { now, env } = world;
  for (const tokens of [dice.pick([60, 200, 900]), 100])
    await issueStatement(env.DB, {
      id: `promo:${newId(now)}`,
      lotId: newId(now),
      walletId,
      kind: "promo",
      tokens,
      paidCents: 0,
      expiresAt: tokens === 100 ? now + 20 * 60 * 60 * 1000 : null,
      at: now,
    }).run();
}

/** Owners have been through onboarding, and are paid every cent. */
export async function readyForPayouts(world: World): Promise<void> {
  for (const { ownerUserId } of world.apps) {
    await beginOnboarding(world.env, { userId: ownerUserId, country: "US" }, world.now);
    const account = await findAccountOf(world.env.DB, ownerUserId);
    await world.stripe(`/accounts/${account!.stripeAccountId}/stage`, { stage: "complete" });
  }
  await setUp(world, { payoutMinimumCents: 1 });
  await hearEverything(world);
}

/** Settings of the marketplace from the start on. */
export async function setUp(world: World, settings: Record<string, number>): Promise<void> {
  for (const [key, value] of Object.entries(settings))
    await world.env.DB.prepare(
      "INSERT INTO settings (key, value, updated_at, updated_by) VALUES (?, ?, ?, 'simulator')",
    )
      .bind(key, JSON.stringify(value), world.now)
      .run();
  world.worker.forgetMemory([]);
}

/** Nothing of what Stripe has said so far is left to hear. */
export async function hearEverything(world: World): Promise<void> {
  for (const { id } of world.standin.world.state.all("note.delivery")) {
    await world.standin.deliveries.replay(id, 1);
    world.standin.world.state.remove("note.delivery", id);
  }
}

export async function anApp(world: World, index: number, dice: Dice): Promise<App> {
  const { now, env } = world;
  const kind = (Object.keys(PRICES) as App["kind"][])[index % 3]!;
  const components: PriceComponent[] = [...PRICES[kind]];
  const id = newId(now);
  // Sometimes a person uses their own app, which earns them nothing.
  const ownerUserId = dice.chance(0.3) ? dice.pick(world.people).userId : newId(now);
  const key = await newApiKey("live", now);
  const origin = `https://app-${id}.example.com`;
  await env.DB.batch([
    ...insertApp(env.DB, {
      id,
      ownerUserId,
      name: `App ${index}`,
      description: "Works.",
      category: "writing",
      tags: [],
      useCases: ["work"],
      appUrl: `${origin}/start`,
      appOrigin: origin,
      logoUrl: `${origin}/logo.png`,
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
    insertApiKey(env.DB, id, key, now),
  ]);
  return { index, id, name: `App ${index}`, ownerUserId, key: key.key, kind };
}
