// The provider's half of a session: the page redeems, beats, pauses, resumes and ends with its tokens; the server pauses,
// ends and reads with its API key. One endpoint, because it is one conversation (contract section 3).

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { addDayCounts, REFUSED_LAUNCHES } from "../../domain/catalogue/day-counts-store.ts";
import { DomainError } from "../../domain/errors.ts";
import { unwrap, type Result } from "../../domain/result.ts";
import { readSession } from "../../domain/sessions/store.ts";
import { readLaunchToken, readSessionToken } from "../../domain/sessions/tokens.ts";
import { SOCKET_PROTOCOL } from "../../durable-objects/page-sockets.ts";
import type { Caller } from "../../durable-objects/caller.ts";
import type { SessionAnswer, StartAnswer } from "../../durable-objects/session-answer.ts";
import type { MeteredSession } from "../../durable-objects/session.ts";
import { jsonAnswer, newRouter, problems, type AppEnv } from "../http.ts";
import { bearerOf, providerOf } from "../middleware/authenticate.ts";
import { limitAnonymous, limitRequest } from "../middleware/rate-limit.ts";
import { microOf, PageFacts } from "../page-facts.ts";
import { SessionStateSchema } from "./session-schemas.ts";

const SyncBody = z
  .object({
    action: z.enum(["start", "heartbeat", "pause", "resume", "complete", "get"]),
    nonce: z.string().min(8).max(128).optional().openapi({
      description: "start: random, kept by the page; replays the answer for 60 s after a lost reply.",
      example: "a-random-nonce",
    }),
    sessionId: z.string().optional().openapi({ description: "With an API key: which session." }),
    final: z
      .boolean()
      .optional()
      .openapi({ description: "complete by API key: no more reports will come, settle at once." }),
    reason: z
      .enum(["provider_ended", "provider_error"])
      .optional()
      .openapi({ description: "complete by API key; provider_error captures nothing." }),
  })
  .extend(PageFacts.shape)
  .openapi("SyncRequest");

const SyncAnswer = z
  .object({ session: SessionStateSchema, sessionToken: z.string().optional(), balance: z.number().int().optional() })
  .openapi("SyncAnswer");

/** Any of the three; which one fits is said per action. */
const PARTIES: Record<string, string[]>[] = [{ launch: [] }, { sessionToken: [] }, { apiKey: [] }];

export const providerSessionRoutes = newRouter();

providerSessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/sessions/sync",
    operationId: "syncSession",
    tags: ["Provider sessions"],
    summary: "Start, beat, pause, resume or end a session from the app's side",
    description:
      "Bearer: the launch token for `start`; the session token for the page's heartbeat, pause, resume, complete; an API key with sessionId for a server's pause, complete and get. Every answer is the session's state.",
    security: PARTIES,
    request: { body: { required: true, content: { "application/json": { schema: SyncBody } } } },
    responses: {
      200: { description: "The state.", content: { "application/json": { schema: SyncAnswer } } },
      ...problems(400, 401, 403, 404, 409, 410, 422),
    },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const bearer = bearerOf(c);
    if (!bearer)
      throw new DomainError("unauthenticated", "This needs a launch token, a session token or an API key as bearer.");
    const answer = body.action === "start" ? await start(c, bearer, body.nonce) : await act(c, bearer, body);
    return jsonAnswer(c, answer);
  },
);

type Body = z.infer<typeof SyncBody>;
type Answer = z.infer<typeof SyncAnswer>;

async function start(c: Context<AppEnv>, launchToken: string, nonce: string | undefined): Promise<Answer> {
  limitAnonymous(c);
  if (!nonce)
    throw new DomainError("invalid_request", "nonce: start needs a random nonce of 8 to 128 characters.", {
      errors: [{ field: "nonce", message: "is required for start" }],
    });
  const claims = await readLaunchToken(c.env, launchToken, c.get("now"));
  const launch = {
    sessionId: claims.session_id,
    jti: claims.jti,
    providerId: claims.provider_id,
    subject: claims.sub,
    durationSeconds: claims.duration_limit,
    tokensAllocated: claims.tokens_allocated,
  };
  const started = (await c.env.SESSIONS.getByName(claims.session_id).start(launch, nonce)) as Result<StartAnswer>;
  if (!started.ok) c.executionCtx.waitUntil(countRefusedLaunch(c, claims, started.code));
  const answer = unwrap(started);
  return { ...wire(answer), sessionToken: answer.sessionToken };
}

/** For the app's dashboard. Only a launch token of ours comes this far. */
async function countRefusedLaunch(
  c: Context<AppEnv>,
  launch: { session_id: string; provider_id: string },
  refusal: string,
): Promise<void> {
  const code = REFUSED_LAUNCHES.find((one) => one === refusal);
  if (!code) return;
  const mode = (await readSession(c.env.DB, launch.session_id))?.mode ?? "live";
  const count = { providerId: launch.provider_id, mode, kind: `launch:${code}`, count: 1 } as const;
  await addDayCounts(c.env.DB, [count], c.get("now"));
}

/** The page by its session token, or the server by its key; the session must be theirs. */
async function callerOf(c: Context<AppEnv>, bearer: string, sessionId: string | undefined): Promise<Caller> {
  if (!bearer.startsWith("mk_")) {
    const claims = await readSessionToken(c.env, bearer, c.get("now"));
    limitRequest(c, "page", claims.session_id);
    return { sessionId: claims.session_id, by: "page", providerId: claims.provider_id };
  }
  const { providerId, mode } = await providerOf(c, bearer);
  if (!sessionId)
    throw new DomainError("invalid_request", "sessionId: an API key must say which session.", {
      errors: [{ field: "sessionId", message: "is required with an API key" }],
    });
  return { sessionId, by: "provider", providerId, mode };
}

async function act(c: Context<AppEnv>, bearer: string, body: Body): Promise<Answer> {
  const caller = await callerOf(c, bearer, body.sessionId);
  const clock = c.env.SESSIONS.getByName(caller.sessionId);
  return wire(unwrap((await perform(clock, caller, body)) as Result<SessionAnswer>));
}

function perform(clock: DurableObjectStub<MeteredSession>, caller: Caller, body: Body): Promise<unknown> {
  switch (body.action) {
    case "heartbeat":
      return clock.beat(caller, body.active ?? false, body.actedSecondsAgo, microOf(body.observed));
    case "pause":
      return clock.pause(caller, microOf(body.observed));
    case "resume":
      return clock.resume(caller);
    case "complete":
      // A page can only say that the person is done; a failure is the server's to state.
      return caller.by === "page"
        ? clock.end(caller, "user_ended", false, microOf(body.observed))
        : clock.end(caller, body.reason ?? "provider_ended", body.final ?? body.reason === "provider_error");
    case "get":
    case "start":
      return clock.snapshot(caller);
  }
}

const wire = ({ session, balance }: SessionAnswer): Answer => ({ session, ...(balance !== null && { balance }) });

providerSessionRoutes.get("/v1/provider/sessions/:id/live", async (c) => {
  const [protocol, token] = (c.req.header("Sec-WebSocket-Protocol") ?? "").split(",").map((part) => part.trim());
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket" || protocol !== SOCKET_PROTOCOL || !token)
    throw new DomainError(
      "invalid_request",
      `Connect with a WebSocket and the subprotocols "${SOCKET_PROTOCOL}, <session token>".`,
    );
  const claims = await readSessionToken(c.env, token, c.get("now"));
  if (claims.session_id !== c.req.param("id")) throw new DomainError("session_not_found", "There is no such session.");
  await assertAppOrigin(c, claims.session_id);
  const headers = new Headers({ Upgrade: "websocket", "X-Session-Id": claims.session_id });
  return c.env.SESSIONS.getByName(claims.session_id).fetch("https://session/live", { headers });
});

/** A socket is opened by the app's own page only (RFC 6455 section 10.2). */
async function assertAppOrigin(c: Context<AppEnv>, sessionId: string): Promise<void> {
  const session = await readSession(c.env.DB, sessionId);
  if (!session || c.req.header("Origin") !== new URL(session.appUrl).origin)
    throw new DomainError("origin_not_allowed", "This socket opens from the app's own page only.");
}
