// Disputed slices of sessions: what the person and the provider see of them, and what each can do; and how often an app's
// reports agree with what people's pages saw. Operators: operator-slices.ts.

import { createRoute, z } from "@hono/zod-openapi";
import { isPublic } from "../../domain/catalogue/app.ts";
import { findApp } from "../../domain/catalogue/store.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { acceptSlice, contestSlice, ownSlice, showEvidence } from "../../domain/slices/decide-slice.ts";
import { listSlices, SLICE_STATUSES } from "../../domain/slices/store.ts";
import { readAccuracy, sliceView } from "../../domain/slices/view.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { json, newRouter, problems } from "../http.ts";
import { actingIdempotencyKey, actingProvider } from "../middleware/acting-provider.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { ProviderIdParam } from "./provider-schemas.ts";
import { SessionIdParam } from "./session-schemas.ts";

/** With a detail each, a body stays under what the API takes. */
const EVIDENCE_RECORDS_MAX = 200;
const TEXT_MAX_LENGTH = 2_000;

const EvidenceRecordSchema = z.object({
  idempotencyKey: z.string().min(1).max(200).openapi({ description: "Of a report you sent for this session." }),
  detail: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .openapi({ description: "What was done, so that the person can recognise it." }),
});
export const SliceSchema = z
  .object({
    sessionId: z.string(),
    providerId: z.string(),
    providerName: z.string(),
    status: z.enum(SLICE_STATUSES).openapi({
      description: "open: waits for evidence. shown: waits for the person. contested: waits for an operator.",
    }),
    tokens: z.number().int().openapi({ description: "Held until it is decided." }),
    meters: z.array(
      z.object({
        meter: z.string(),
        countedUnits: z.string().openapi({ description: "What settled at once." }),
        reportedUnits: z.string(),
      }),
    ),
    openedAt: z.string(),
    dueAt: z.string().nullable().openapi({ description: "When time decides; null once closed." }),
    evidence: z.array(EvidenceRecordSchema),
    note: z.string().nullable(),
    shownAt: z.string().nullable(),
    provenTokens: z.number().int().nullable().openapi({ description: "What the evidence comes to; null before." }),
    contest: z.string().nullable().openapi({ description: "What the person says against it." }),
    contestedAt: z.string().nullable(),
    outcome: z.enum(["no_evidence", "accepted", "uncontested", "decided", "not_decided"]).nullable(),
    chargedTokens: z.number().int(),
    returnedTokens: z.number().int(),
    reason: z.string().nullable().openapi({ description: "Why an operator decided so." }),
    closedAt: z.string().nullable(),
  })
  .openapi("Slice");
const SliceAnswer = z.object({ slice: SliceSchema });

const AccuracySchema = z
  .object({
    days: z.number().int(),
    comparedFigures: z.number().int().openapi({ description: "Meters of sessions in which both sides gave a figure." }),
    agreedFigures: z.number().int().openapi({ description: "Of those, how many agree within the tolerance." }),
    ratio: z.number().nullable().openapi({ description: "0 to 1, rounded down; null where nothing was compared." }),
  })
  .openapi("Accuracy");

export const sliceRoutes = newRouter();

// requireUser stands before every path under /v1/sessions/ (sessions.ts).
sliceRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/sessions/{id}/slice",
    operationId: "getSlice",
    tags: ["Sessions"],
    summary: "The disputed slice of a session of yours",
    security: [{ accessToken: [] }],
    request: { params: SessionIdParam },
    responses: { 200: json(SliceAnswer, "As it stands."), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const whose = { userId: c.get("user").userId, sessionId: c.req.valid("param").id };
    return c.json({ slice: sliceView(await ownSlice(c.env.DB, whose)) }, 200);
  },
);

sliceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/sessions/{id}/slice/accept",
    operationId: "acceptSlice",
    tags: ["Sessions"],
    summary: "Agree with the provider: what it shows is charged",
    description: "Before it shows anything, all it reported is charged. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/sessions/:id/slice/accept")],
    request: { params: SessionIdParam },
    responses: { 200: json(SliceAnswer, "Closed and settled."), ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const whose = { userId: c.get("user").userId, sessionId: c.req.valid("param").id, claim: c.get("idempotency") };
    const body = await answerOnce(c, () => acceptSlice(c.env.DB, whose, c.get("now")));
    hintWebhooks(c.env, c.executionCtx);
    return c.json(body, 200);
  },
);

sliceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/sessions/{id}/slice/contest",
    operationId: "contestSlice",
    tags: ["Sessions"],
    summary: "Contest the provider's evidence: an operator decides",
    description: "Possible once evidence is shown, until `dueAt`. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/sessions/:id/slice/contest")],
    request: {
      params: SessionIdParam,
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.object({ text: z.string().trim().min(1).max(TEXT_MAX_LENGTH) }).openapi("ContestSlice"),
          },
        },
      },
    },
    responses: { 200: json(SliceAnswer, "It waits for an operator."), ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const whose = { userId: c.get("user").userId, sessionId: c.req.valid("param").id };
    const it = { ...whose, ...c.req.valid("json"), claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => contestSlice(c.env.DB, it, c.get("now"))), 200);
  },
);

const security: Record<string, string[]>[] = [{ apiKey: [] }, { accessToken: [] }];
const reading = { security, middleware: [actingProvider] };
const showing = {
  security,
  middleware: [actingProvider, actingIdempotencyKey("POST /v1/provider/slices/:id/evidence")],
};
const providerId = z.string().optional().openapi({ description: "Your app, when you come with an access token." });

sliceRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/slices",
    operationId: "listSlices",
    tags: ["Provider sessions"],
    summary: "Disputed slices of your sessions",
    description: "Sessions in which your reports came to more than the person's page saw. Newest first.",
    ...reading,
    request: {
      query: z.object({
        providerId,
        status: z.enum(SLICE_STATUSES).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        cursor: z.string().max(40).optional(),
      }),
    },
    responses: {
      200: json(z.object({ slices: z.array(SliceSchema), nextCursor: z.string().nullable() }), "One page."),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  async (c) => {
    const { status, limit, cursor } = c.req.valid("query");
    const query = { providerId: c.get("provider").providerId, status: status ?? null, after: cursor ?? null, limit };
    const slices = await listSlices(c.env.DB, { ...query, oldestFirst: false });
    const nextCursor = slices.length === limit ? slices.at(-1)!.sessionId : null;
    return c.json({ slices: slices.map(sliceView), nextCursor }, 200);
  },
);

sliceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/slices/{id}/evidence",
    operationId: "showEvidence",
    tags: ["Provider sessions"],
    summary: "Show evidence for a disputed slice",
    description:
      "Once, until `dueAt`. Name the reports you can show, with what was done in each; what they add up to counts unless the person contests it. Takes an Idempotency-Key.",
    ...showing,
    request: {
      params: SessionIdParam,
      query: z.object({ providerId }),
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z
              .object({
                records: z.array(EvidenceRecordSchema).min(1).max(EVIDENCE_RECORDS_MAX),
                note: z.string().trim().max(TEXT_MAX_LENGTH).optional(),
              })
              .openapi("ShowEvidence"),
          },
        },
      },
    },
    responses: { 200: json(SliceAnswer, "The person sees it."), ...problems(400, 401, 403, 404, 409, 422, 429) },
  }),
  async (c) => {
    const { records, note } = c.req.valid("json");
    const whose = { providerId: c.get("provider").providerId, sessionId: c.req.valid("param").id };
    const it = { ...whose, records, note: note ?? null, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => showEvidence(c.env.DB, it, c.get("now"))), 200);
  },
);

sliceRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/accuracy",
    operationId: "getAccuracy",
    tags: ["Catalogue"],
    summary: "How often an app's reports agree with what people saw",
    description: "Measured by the marketplace: the reports of its server against the figures of people's pages.",
    security: [],
    request: { params: ProviderIdParam },
    responses: { 200: json(z.object({ accuracy: AccuracySchema }), "As of now."), ...problems(404, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const app = isId(id) ? await findApp(c.env.DB, id) : null;
    if (!app || !isPublic(app)) throw new DomainError("provider_not_found", "There is no such app.");
    return c.json({ accuracy: await readAccuracy(c.env.DB, id, c.get("now")) }, 200);
  },
);
