// The conformance lab: run it on one's own app, read what it found, and show the badge it earns.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { iso, wallClock } from "../../domain/clock.ts";
import { readBadge } from "../../domain/lab/badge.ts";
import { badgeImage } from "../../domain/lab/badge-image.ts";
import { CHECKS } from "../../domain/lab/checks.ts";
import { readLabRuns, runLab, type LabPlace } from "../../domain/lab/run.ts";
import { lastBadge } from "../../domain/lab/store.ts";
import { DomainError } from "../../domain/errors.ts";
import { json, newRouter, problems, type AppEnv } from "../http.ts";
import { ledgerWriter } from "../ledger-writer.ts";
import { optionalUser, requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { publicApp } from "./providers.ts";
import { ProviderIdParam } from "./provider-schemas.ts";

const RunSchema = z
  .object({
    id: z.string(),
    providerId: z.string(),
    appOrigin: z.string(),
    version: z.number().int(),
    passed: z.boolean(),
    at: z.string(),
    checks: z.array(
      z.object({
        check: z.enum(CHECKS),
        verdict: z.enum(["passed", "failed", "warning", "skipped"]),
        found: z.string(),
        mend: z.string().nullable(),
      }),
    ),
    hour: z.object({
      activeSeconds: z.number(),
      expected: z.object({ activeSeconds: z.number(), endedAtSecond: z.number() }),
      pauses: z.array(z.object({ cause: z.string(), atSecond: z.number() })),
      endedAtSecond: z.number().nullable(),
      endReason: z.string().nullable(),
      beats: z.number(),
      dropped: z.number(),
      doubled: z.number(),
    }),
    badge: z.string().nullable().openapi({ description: "Signed (`mp-badge+jwt`), of a passed run." }),
  })
  .openapi("LabRun");
const BadgeSchema = z
  .object({
    badge: z
      .object({
        providerId: z.string(),
        appOrigin: z.string(),
        version: z.number().int(),
        passedAt: z.string(),
        expiresAt: z.string(),
        signed: z.string().openapi({ description: "Check it with the keys at /.well-known/jwks.json." }),
      })
      .nullable(),
  })
  .openapi("LabBadge");

export const labRoutes = newRouter();

labRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/apps/{id}/lab",
    operationId: "runLab",
    tags: ["Provider"],
    summary: "Run the conformance lab on your app",
    description:
      "Launches sandbox sessions at your address, right ones and wrong ones, plays an hour of a session in no time, and sends its events to your sandbox's webhook endpoints. Takes up to half a minute. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/apps/:id/lab")] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(z.object({ run: RunSchema }), "What was found"), ...problems(401, 404, 409, 429) },
  }),
  async (c) => {
    const run = { providerId: c.req.valid("param").id, ownerId: c.get("user").userId, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => runLab(labPlace(c), run, c.get("now"))), 200);
  },
);

labRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/apps/{id}/lab",
    operationId: "listLabRuns",
    tags: ["Provider"],
    summary: "What the lab found in your app so far",
    description: "The last twenty runs, newest first.",
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(z.object({ runs: z.array(RunSchema) }), "The runs"), ...problems(401, 404, 429) },
  }),
  async (c) =>
    c.json(await readLabRuns(c.env.DB, { providerId: c.req.valid("param").id, ownerId: c.get("user").userId }), 200),
);

labRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/badge",
    operationId: "getBadge",
    tags: ["Catalogue"],
    summary: "The badge of an app that passed the lab",
    description: "Null where the last run did not pass, is half a year old, or the app has moved since.",
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(BadgeSchema, "The badge"), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const known = await currentBadge(c, c.req.valid("param").id);
    const badge = known && {
      providerId: known.providerId,
      appOrigin: known.appOrigin,
      version: known.version,
      passedAt: iso(known.passedAt),
      expiresAt: iso(known.expiresAt),
      signed: known.signed,
    };
    return c.json({ badge }, 200);
  },
);

labRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/badge.svg",
    operationId: "getBadgePicture",
    tags: ["Catalogue"],
    summary: "The badge as a picture, for an app's own site",
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ProviderIdParam },
    responses: {
      200: { description: "The picture", content: { "image/svg+xml": { schema: z.string() } } },
      ...problems(401, 404, 429),
    },
  }),
  async (c) => {
    const badge = await currentBadge(c, c.req.valid("param").id);
    if (!badge) throw new DomainError("not_found", "This app has no badge: it has not passed the lab lately.");
    return c.body(badgeImage(badge.passedAt), 200, {
      "Content-Type": "image/svg+xml",
      "Cache-Control": "public, max-age=300",
    });
  },
);

async function currentBadge(c: Context<AppEnv>, id: string) {
  const app = await publicApp(c, id);
  const signed = await lastBadge(c.env.DB, app.id);
  const badge = signed === null ? null : await readBadge(c.env, signed, c.get("now"));
  return badge && signed && badge.appOrigin === new URL(app.appUrl).origin ? { ...badge, signed } : null;
}

function labPlace(c: Context<AppEnv>): LabPlace {
  const { env } = c;
  return {
    env,
    environment: env.ENVIRONMENT,
    dataKey: env.DATA_KEY,
    clock: wallClock,
    send: (...request) => (env.EGRESS ? env.EGRESS.fetch(...request) : fetch(...request)),
    create: ledgerWriter(env).create,
    end: async (sessionId) => {
      await env.SESSIONS.getByName(sessionId).end({ sessionId, by: "operator" }, "admin_ended", true);
    },
  };
}
