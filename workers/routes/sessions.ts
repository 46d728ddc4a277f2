// A person's sessions: start, look, extend, pause, resume, end. What runs is asked of the session's object; what
// is settled stands in D1. The answering functions are exported for the /api face.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createSession, type CreatedSession } from "../../domain/sessions/create-session.ts";
import { isRunning, readOwnSession } from "../../domain/sessions/read-session.ts";
import { listSessions } from "../../domain/sessions/store.ts";
import { rowView } from "../../domain/sessions/view.ts";
import { TAG_LENGTH_MAX, TAGS_MAX } from "../../domain/sessions/limits.ts";
import { QUOTE_LENGTH_MAX } from "../../domain/sessions/provider-quote.ts";
import { readWallet } from "../../domain/ledger/store.ts";
import { unwrap, type Result } from "../../domain/result.ts";
import type { Caller } from "../../durable-objects/caller.ts";
import type { SessionAnswer } from "../../durable-objects/session-answer.ts";
import { json, newRouter, problems, type AppEnv } from "../http.ts";
import { ledgerWriter } from "../ledger-writer.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { SessionIdParam, userSession, UserSessionSchema } from "./session-schemas.ts";

const CreateBody = z
  .object({
    providerId: z.string(),
    durationMinutes: z.number().int().optional().openapi({ description: "5 to 180.", example: 60 }),
    durationSeconds: z.number().int().optional().openapi({ description: "300 to 10,800; instead of durationMinutes." }),
    autoExtendMinutes: z
      .number()
      .int()
      .min(5)
      .max(180)
      .optional()
      .openapi({ description: "Consent to one extension of this length, tried at the warning. Not held before." }),
    tags: z.array(z.string().min(1).max(TAG_LENGTH_MAX)).max(TAGS_MAX).optional(),
    maxTokens: z
      .number()
      .int()
      .min(0)
      .optional()
      .openapi({ description: "What you were shown as the most; if more would be held, 422 `price_changed`." }),
    includedTokens: z.number().int().min(0).optional().openapi({
      description: "What you were shown to be included in your plan; if it covers less by now, 422 `price_changed`.",
    }),
    fixedDuration: z.boolean().optional().openapi({
      description:
        "You agree to pay for the whole duration, where the app asks for that; otherwise it changes nothing.",
    }),
    providerQuote: z.string().max(QUOTE_LENGTH_MAX).optional().openapi({
      description: "The app's signed quote (`mp-quote+jwt`): its cap is held, and no report beyond it is taken.",
    }),
  })
  .refine((body) => (body.durationMinutes === undefined) !== (body.durationSeconds === undefined), {
    message: "give either durationMinutes or durationSeconds",
    path: ["durationMinutes"],
  })
  .openapi("CreateSession");

export const ExtendBody = z
  .object({
    minutes: z.number().int().optional().openapi({ description: "How much longer.", example: 30 }),
    seconds: z.number().int().optional(),
    durationMinutes: z.number().int().optional(),
  })
  .refine(
    (body) => [body.minutes, body.seconds, body.durationMinutes].filter((value) => value !== undefined).length === 1,
    { message: "give one of minutes, durationMinutes or seconds: how much longer", path: ["minutes"] },
  )
  .openapi("ExtendSession");

export const CreatedSchema = z
  .object({
    session: z.object({
      id: z.string(),
      providerId: z.string(),
      providerName: z.string(),
      status: z.literal("pending"),
      mode: z.enum(["live", "test"]),
      durationSeconds: z.number().int(),
      durationMinutes: z.number(),
      tokensAllocated: z.number().int(),
      feeBasisPoints: z.number().int(),
      priceVersionId: z.string(),
      trialSeconds: z.number().int().openapi({ description: "Active seconds at the start that cost nothing." }),
      fixedDuration: z.boolean().openapi({ description: "It is paid as a whole." }),
      redirectUrl: z.string().openapi({ description: "Go here with a full-page redirect; valid for 5 minutes, once." }),
      launchDeadline: z.string(),
      createdAt: z.string(),
    }),
  })
  .openapi("CreatedSession");

const AnswerSchema = z.object({ session: UserSessionSchema, balance: z.number().int() }).openapi("SessionAnswer");
type Answer = z.infer<typeof AnswerSchema>;

const userOf = (c: Context<AppEnv>, sessionId: string): Caller => ({
  sessionId,
  by: "user",
  userId: c.get("user").userId,
});
const clockOf = (c: Context<AppEnv>, sessionId: string) => c.env.SESSIONS.getByName(sessionId);

export const sessionRoutes = newRouter();
sessionRoutes.use("/v1/sessions", requireUser);
sessionRoutes.use("/v1/sessions/*", requireUser);

sessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/sessions/create",
    operationId: "createSession",
    tags: ["Sessions"],
    summary: "Hold tokens and get the link into the app",
    description:
      "Holds the most the session can cost. What is not used comes back at the end. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/sessions/create")],
    request: { body: { required: true, content: { "application/json": { schema: CreateBody } } } },
    responses: {
      200: json(CreatedSchema, "Held; redirect the browser."),
      ...problems(400, 401, 402, 404, 409, 422, 429),
    },
  }),
  async (c) => c.json(await createAnswer(c, c.req.valid("json")), 200),
);

/** Hold and answer with the link; a repeat of the Idempotency-Key hears the first answer. */
export function createAnswer(c: Context<AppEnv>, body: z.infer<typeof CreateBody>): Promise<CreatedSession> {
  const { userId, walletId } = c.get("user");
  return answerOnce(c, () =>
    createSession(
      c.env,
      ledgerWriter(c.env).create,
      {
        mode: "live",
        userId,
        walletId,
        providerId: body.providerId,
        durationSeconds: body.durationSeconds ?? body.durationMinutes! * 60,
        autoExtendSeconds: (body.autoExtendMinutes ?? 0) * 60,
        tags: body.tags ?? [],
        maxTokens: body.maxTokens,
        includedTokens: body.includedTokens,
        providerQuote: body.providerQuote,
        fixedDuration: body.fixedDuration,
        claim: c.get("idempotency"),
      },
      c.get("now"),
    ),
  );
}

sessionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/sessions",
    operationId: "listSessions",
    tags: ["Sessions"],
    summary: "Your sessions, newest first",
    security: [{ accessToken: [] }],
    request: {
      query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().optional() }),
    },
    responses: {
      200: json(
        z.object({ sessions: z.array(UserSessionSchema), nextCursor: z.string().nullable() }),
        "A page of sessions.",
      ),
      ...problems(400, 401),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const sessions = await listSessions(c.env.DB, {
      userId: c.get("user").userId,
      limit: limit + 1,
      before: cursor ?? null,
    });
    const page = sessions.slice(0, limit);
    const nextCursor = sessions.length > limit ? page.at(-1)!.id : null;
    return c.json(
      { sessions: page.map((session) => userSession(session, rowView(session, c.get("now")))), nextCursor },
      200,
    );
  },
);

sessionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/sessions/{id}",
    operationId: "getSession",
    tags: ["Sessions"],
    summary: "One session, as its clock has it now",
    security: [{ accessToken: [] }],
    request: { params: SessionIdParam },
    responses: { 200: json(AnswerSchema, "The session and your balance."), ...problems(401, 404) },
  }),
  async (c) => c.json(await currentAnswer(c, c.req.valid("param").id), 200),
);

/** The person's own view: state from the running clock where there is one, balance from the books. */
export async function currentAnswer(c: Context<AppEnv>, sessionId: string): Promise<Answer> {
  const { session, available } = await readOwnSession(c.env.DB, sessionId, c.get("user").userId);
  if (!isRunning(session)) return { session: userSession(session, rowView(session, c.get("now"))), balance: available };
  const answer = unwrap((await clockOf(c, sessionId).snapshot(userOf(c, sessionId))) as Result<SessionAnswer>);
  return { session: userSession(session, answer.session), balance: answer.balance ?? available };
}

/** Run a command on the session's clock and answer with the person's view of what it led to. */
function commandAnswer(
  c: Context<AppEnv>,
  sessionId: string,
  command: (caller: Caller) => Promise<unknown>,
): Promise<Answer> {
  return answerRepeatable(c, async () => {
    const { session } = await readOwnSession(c.env.DB, sessionId, c.get("user").userId);
    const answer = unwrap((await command(userOf(c, sessionId))) as Result<SessionAnswer>);
    const balance = answer.balance ?? (await readWallet(c.env.DB, session.walletId))?.available ?? 0;
    return { session: userSession(session, answer.session), balance };
  });
}

export const pauseAnswer = (c: Context<AppEnv>, id: string) =>
  commandAnswer(c, id, (caller) => clockOf(c, id).pause(caller));
export const resumeAnswer = (c: Context<AppEnv>, id: string) =>
  commandAnswer(c, id, (caller) => clockOf(c, id).resume(caller));
export const completeAnswer = (c: Context<AppEnv>, id: string) =>
  commandAnswer(c, id, (caller) => clockOf(c, id).end(caller, "user_ended", false));

const command = (verb: "pause" | "resume" | "complete", summary: string, description: string) =>
  createRoute({
    method: "post",
    path: `/v1/sessions/{id}/${verb}`,
    operationId: `${verb}Session`,
    tags: ["Sessions"],
    summary,
    description,
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey(`POST /v1/sessions/:id/${verb}`)],
    request: { params: SessionIdParam },
    responses: { 200: json(AnswerSchema, "The session after it, and your balance."), ...problems(401, 404, 409, 422) },
  });

// Harmless to repeat: a second pause pauses what is paused, a second end answers what was settled.
sessionRoutes.openapi(
  command("pause", "Stop the clock", "Only you can start it again. Paused for 30 minutes ends the session."),
  async (c) => c.json(await pauseAnswer(c, c.req.valid("param").id), 200),
);
sessionRoutes.openapi(
  command("resume", "Start the clock again", "Lifts any pause, also one you made yourself."),
  async (c) => c.json(await resumeAnswer(c, c.req.valid("param").id), 200),
);
sessionRoutes.openapi(
  command("complete", "End the session", "Settles it: what was not used comes back. Safe to repeat."),
  async (c) => c.json(await completeAnswer(c, c.req.valid("param").id), 200),
);

sessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/sessions/{id}/extend",
    operationId: "extendSession",
    tags: ["Sessions"],
    summary: "Hold tokens for more time",
    description: "At the session's own frozen price. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/sessions/:id/extend")],
    request: {
      params: SessionIdParam,
      body: {
        required: true,
        content: {
          "application/json": { schema: ExtendBody },
        },
      },
    },
    responses: {
      200: json(AnswerSchema, "The longer session, and your balance."),
      ...problems(400, 401, 402, 404, 409, 422),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await extendAnswer(c, id, c.req.valid("json")), 200);
  },
);

/** Hold for that much more; a repeat of the Idempotency-Key hears the first answer. */
export async function extendAnswer(c: Context<AppEnv>, id: string, body: z.infer<typeof ExtendBody>): Promise<Answer> {
  const seconds = body.seconds ?? (body.minutes ?? body.durationMinutes!) * 60;
  const { session } = await readOwnSession(c.env.DB, id, c.get("user").userId);
  const answer = await answerOnce(c, async () =>
    unwrap((await clockOf(c, id).extend(userOf(c, id), seconds, c.get("idempotency"))) as Result<SessionAnswer>),
  );
  return { session: userSession(session, answer.session), balance: answer.balance ?? 0 };
}
