// `Idempotency-Key` (contract section 1): reads it into a claim, and replays the first answer. The record itself is
// written by the domain function, in the same D1 batch as the effect (domain/idempotency.ts).

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { IDEMPOTENCY_KEY_MAX_LENGTH, recordAnswer, recordedAnswer } from "../../domain/idempotency.ts";
import { sha256Hex } from "../../domain/ids.ts";
import type { AppEnv } from "../http.ts";
import { invalidRequest } from "../read-request.ts";

/**
 * Sets `c.get("idempotency")`: the claim, or null without the header. Stands after authentication, which names the principal.
 *
 * @param route Method and canonical route pattern, e.g. `POST /v1/sessions/:id/extend`. Aliases pass the canonical one,
 *   so that a retry on the other face finds the first answer.
 */
export const idempotencyKey = (route: string) =>
  createMiddleware<AppEnv>(async (c, next) => {
    c.set("idempotency", await readClaim(c, route));
    await next();
  });

/**
 * Runs an effect that records its answer in its own batch, or gives the answer recorded before.
 *
 * Every failure is looked up, not only the collision of records: a retry may fail on what its own first run did (the
 * tokens are held, the name is taken), and must then hear the first answer.
 *
 * @param effect Runs the domain function and returns the body that it recorded.
 */
export async function answerOnce<Body>(c: Context<AppEnv>, effect: () => Promise<Body>): Promise<Body> {
  try {
    return await effect();
  } catch (error) {
    const claim = c.get("idempotency");
    if (!claim) throw error;
    const recorded = await recordedAnswer(c.env.DB, claim);
    if (!recorded) throw error;
    c.header("Idempotency-Replayed", "true");
    return recorded.body as Body;
  }
}

/**
 * The same for an effect that is harmless to repeat and lives outside D1 (a session's clock): looks the key up first and
 * records afterwards, so that a key used again never runs it later, when it would mean something else.
 */
export async function answerRepeatable<Body>(c: Context<AppEnv>, effect: () => Promise<Body>): Promise<Body> {
  const claim = c.get("idempotency");
  if (!claim) return effect();
  const first = await recordedAnswer(c.env.DB, claim);
  if (first) {
    c.header("Idempotency-Replayed", "true");
    return first.body as Body;
  }
  const body = await effect();
  return answerOnce(c, async () => {
    await c.env.DB.batch(await recordAnswer(c.env.DB, claim, { status: 200, body }, c.get("now")));
    return body;
  });
}

async function readClaim(c: Context<AppEnv>, route: string): Promise<AppEnv["Variables"]["idempotency"]> {
  const key = c.req.header("Idempotency-Key");
  if (key === undefined) return null;
  if (key.length === 0 || key.length > IDEMPOTENCY_KEY_MAX_LENGTH)
    throw invalidRequest([
      { path: ["Idempotency-Key"], message: `must have 1 to ${IDEMPOTENCY_KEY_MAX_LENGTH} characters` },
    ]);
  // The route is a pattern: what stands in its place (`:id`) belongs to the request as much as the body does.
  const request = JSON.stringify(c.req.param()) + (await c.req.text());
  const [keyHash, bodyHash] = await Promise.all([sha256Hex(key), sha256Hex(request)]);
  return { principal: principalOf(c), route, keyHash, bodyHash, key };
}

function principalOf(c: Context<AppEnv>): string {
  const { user, provider } = c.var;
  return user ? `user:${user.userId}` : `provider:${provider.providerId}:${provider.mode}`;
}
