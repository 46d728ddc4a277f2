// What webhook tests start from: a provider, endpoints, events in the outbox, and receivers that stand in for the internet.

import { env } from "cloudflare:test";
import { newId } from "../../domain/ids.ts";
import type { DelivererSettings } from "../../domain/webhooks/deliver.ts";
import { createWebhook, type WebhookPlace } from "../../domain/webhooks/endpoints.ts";

export const place: WebhookPlace = { db: env.DB, dataKey: env.DATA_KEY, environment: "local" };

export interface TestProvider {
  id: string;
  ownerUserId: string;
  priceVersionId: string;
}

export async function seedProvider(now: number): Promise<TestProvider> {
  const provider = { id: newId(now), ownerUserId: newId(now), priceVersionId: newId(now) };
  await env.DB.prepare(
    `INSERT INTO providers (id, owner_user_id, name, description, category, app_url, app_origin, logo_url, status, review,
       price_version_id, created_at, updated_at)
     VALUES (?1, ?2, 'Writer', 'Writes.', 'writing', 'https://' || ?1 || '.example.com/', 'https://' || ?1 || '.example.com',
       'https://example.com/logo.png', 'active', 'approved', ?3, ?4, ?4)`,
  )
    .bind(provider.id, provider.ownerUserId, provider.priceVersionId, now)
    .run();
  await env.DB.prepare(
    `INSERT INTO price_versions (id, provider_id, components, fee_basis_points, created_at, effective_at) VALUES (?1, ?2, '[]', 2000, ?3, ?3)`,
  )
    .bind(provider.priceVersionId, provider.id, now)
    .run();
  return provider;
}

let endpoints = 0;
export async function seedWebhook(
  provider: TestProvider,
  now: number,
  wish: { url?: string; events?: string[]; mode?: "live" | "test" } = {},
) {
  const { webhook } = await createWebhook(
    place,
    { providerId: provider.id, mode: wish.mode ?? "live" },
    {
      url: wish.url ?? `https://receiver-${++endpoints}.example.com/hook`,
      events: wish.events ?? ["*"],
      description: null,
    },
    null,
    now,
  );
  return webhook;
}

/** A session of the provider that events can belong to. */
export async function seedSession(provider: TestProvider, now: number, mode: "live" | "test"): Promise<string> {
  const id = newId(now);
  await env.DB.prepare(
    `INSERT INTO sessions (id, mode, user_id, wallet_id, subject, provider_id, provider_name, app_url, price_version_id,
       components, fee_basis_points, payable, status, duration_seconds, held_tokens, caps, state, jti, launch_deadline, created_at)
     VALUES (?1, ?2, 'u', 'w', 's', ?3, 'Writer', 'https://example.com/', ?4, '[]', 2000, 1, 'pending', 600, 0, '{}', 's', ?1, ?5, ?5)`,
  )
    .bind(id, mode, provider.id, provider.priceVersionId, now)
    .run();
  return id;
}

/** An event row, as a cause would commit it. @returns its id. */
export async function seedEvent(
  provider: TestProvider | null,
  now: number,
  wish: { type?: string; sessionId?: string; data?: Record<string, unknown>; id?: string } = {},
): Promise<string> {
  const id = wish.id ?? newId(now);
  await env.DB.prepare(
    "INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at) VALUES (?, ?, ?, 'u', ?, ?, ?)",
  )
    .bind(
      id,
      wish.type ?? "session.completed",
      provider?.id ?? null,
      wish.sessionId ?? null,
      JSON.stringify(wish.data ?? { tokensConsumed: 5 }),
      now,
    )
    .run();
  return id;
}

export interface Received {
  url: string;
  headers: Record<string, string>;
  body: string;
  redirect: RequestInit["redirect"];
}

type Answering = (received: Received, count: number, signal: AbortSignal) => Response | Promise<Response>;

/** The internet: answers by `answer`, remembers what came. */
export function receivers(answer: Answering = () => ok()) {
  const received: Received[] = [];
  const send = (async (url: string, request: RequestInit) => {
    const one: Received = {
      url,
      headers: request.headers as Record<string, string>,
      body: request.body as string,
      redirect: request.redirect,
    };
    received.push(one);
    return answer(one, received.length, request.signal!);
  }) as unknown as typeof fetch;
  const ids = (url?: string) =>
    received.filter((one) => !url || one.url === url).map((one) => one.headers["webhook-id"]!);
  return { received, send, ids };
}

export const ok = () => new Response(null, { status: 200 });

/** A clock that tests set, and a deliverer that never really waits. */
export function virtualDeliverer(now: number, send: typeof fetch): DelivererSettings & { now: number } {
  const settings = {
    now,
    db: env.DB,
    dataKey: env.DATA_KEY,
    environment: "local" as const,
    send,
    clock: () => settings.now,
    dice: () => 0,
    stopAt: Infinity,
    stayMs: 0,
    pause: () => Promise.resolve(),
    isWanted: () => false,
    onMore: () => {},
  };
  return settings;
}

export const deliveryRow = (webhookId: string, eventId: string) =>
  env.DB.prepare("SELECT * FROM deliveries WHERE webhook_id = ? AND outbox_id = ?").bind(webhookId, eventId).first<{
    status: string;
    attempts: number;
    due_at: number;
    last_code: number | null;
    last_error: string | null;
    lease: string | null;
    delivered_at: number | null;
  }>();

export const webhookRow = (id: string) =>
  env.DB.prepare("SELECT * FROM webhooks WHERE id = ?").bind(id).first<{
    enabled: number;
    disabled_reason: string | null;
    failing_since: number | null;
    open_until: number | null;
  }>();
