// The public keys that launch, session and access tokens are signed with (RFC 7517), for anyone who verifies offline.

import { createRoute, z } from "@hono/zod-openapi";
import { publicJwks } from "../../domain/identity/signing-keys.ts";
import { newRouter } from "../http.ts";

/** A new key is published this long before it signs; verifiers that meet an unknown `kid` may ask again at once. */
export const KEYS_CACHE = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400";

export const JwksSchema = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal("EC"),
        crv: z.literal("P-256"),
        x: z.string(),
        y: z.string(),
        kid: z.string(),
        alg: z.literal("ES256"),
        use: z.literal("sig"),
      }),
    ),
  })
  .openapi("Jwks");

export const jwksRoutes = newRouter();

jwksRoutes.openapi(
  createRoute({
    method: "get",
    path: "/.well-known/jwks.json",
    operationId: "getJwks",
    summary: "Read the public signing keys",
    description: "JSON Web Key Set of the marketplace. Cacheable; find the key by `kid`.",
    tags: ["Auth"],
    security: [],
    responses: { 200: { description: "The keys", content: { "application/json": { schema: JwksSchema } } } },
  }),
  async (c) => c.json(await publicJwks(c.env), 200, { "Cache-Control": KEYS_CACHE }),
);
