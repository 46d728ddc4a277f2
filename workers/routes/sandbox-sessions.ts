// Sandbox sessions of one's own app: everything real but the money. Made with a test key, or by the signed-in owner who has
// just registered and wants to see whether the page is heard.

import { createRoute, z } from "@hono/zod-openapi";
import { BEAT_SECONDS } from "../../sdk/src/protocol/session.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { unwrap, type Result } from "../../domain/result.ts";
import { createSession } from "../../domain/sessions/create-session.ts";
import type { SessionAnswer } from "../../durable-objects/session-answer.ts";
import { json, newRouter, problems } from "../http.ts";
import { ledgerWriter } from "../ledger-writer.ts";
import { actingIdempotencyKey, actingProvider } from "../middleware/acting-provider.ts";
import { answerOnce } from "../middleware/idempotency-key.ts";
import { SessionStateSchema } from "./session-schemas.ts";

const SandboxBody = z
  .object({ durationMinutes: z.number().int().min(5).max(180).default(60) })
  .openapi("SandboxSession");
const ActingQuery = z.object({
  providerId: z.string().optional().openapi({ description: "Your app, when you come with an access token." }),
  mode: z.literal("test").optional().openapi({ description: "With an access token: test." }),
});
const MadeSchema = z.object({ session: z.looseObject({ id: z.string(), redirectUrl: z.string() }) });
const HeardSchema = z
  .object({
    session: SessionStateSchema,
    heard: z.object({
      launch: z.boolean().openapi({ description: "The app redeemed the launch token." }),
      beat: z.boolean().openapi({ description: "Its page gave a sign of life since." }),
    }),
  })
  .openapi("SandboxState");
const PARTIES: Record<string, string[]>[] = [{ apiKey: [] }, { accessToken: [] }];
const PATH = "/v1/provider/sandbox/sessions";

export const sandboxSessionRoutes = newRouter();

sandboxSessionRoutes.openapi(
  createRoute({
    method: "post",
    path: PATH,
    operationId: "createSandboxSession",
    tags: ["Provider sessions"],
    summary: "Make a sandbox session of your own app: everything real but the money",
    description:
      "With a test key, or signed in with providerId and mode=test. The answer's redirectUrl opens your app as a person would. Takes an Idempotency-Key.",
    security: PARTIES,
    middleware: [actingProvider, actingIdempotencyKey(`POST ${PATH}`)],
    request: { query: ActingQuery, body: { required: true, content: { "application/json": { schema: SandboxBody } } } },
    responses: { 200: json(MadeSchema, "Made; open redirectUrl."), ...problems(400, 401, 403, 404, 409) },
  }),
  async (c) => {
    const { providerId, mode } = c.get("provider");
    if (mode !== "test")
      throw new DomainError("forbidden", "Sandbox sessions are made with a test key (mk_test_...), or with mode=test.");
    const nobody = `sandbox:${providerId}`;
    const input = {
      mode,
      userId: nobody,
      walletId: nobody,
      providerId,
      durationSeconds: c.req.valid("json").durationMinutes * 60,
      autoExtendSeconds: 0,
      tags: [],
      claim: c.get("idempotency"),
    };
    return c.json(
      await answerOnce(c, () => createSession(c.env, ledgerWriter(c.env).create, input, c.get("now"))),
      200,
    );
  },
);

sandboxSessionRoutes.openapi(
  createRoute({
    method: "get",
    path: `${PATH}/{id}`,
    operationId: "getSandboxSession",
    tags: ["Provider sessions"],
    summary: "Whether a sandbox session was heard of",
    description: "Its state, and whether the app's page has redeemed the launch and given a sign of life.",
    security: PARTIES,
    middleware: [actingProvider],
    request: {
      params: z.object({
        id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Session id (UUIDv7)." }),
      }),
      query: ActingQuery,
    },
    responses: { 200: json(HeardSchema, "The state"), ...problems(400, 401, 403, 404, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { providerId, mode } = c.get("provider");
    if (!isId(id) || mode !== "test")
      throw new DomainError("session_not_found", "There is no such sandbox session of yours.");
    const caller = { sessionId: id, by: "provider", providerId, mode } as const;
    const { session } = unwrap((await c.env.SESSIONS.getByName(id).snapshot(caller)) as Result<SessionAnswer>);
    return c.json({ session, heard: heardOf(session) }, 200);
  },
);

/** The next beat is due BEAT_SECONDS after the last one, which at the start is the start itself. */
function heardOf({ startedAt, nextBeatDue, activeSeconds }: SessionAnswer["session"]) {
  const start = startedAt === null ? null : Date.parse(startedAt);
  const lastBeat = nextBeatDue === null ? null : Date.parse(nextBeatDue) - BEAT_SECONDS * 1000;
  const hasBeat = start !== null && (lastBeat === null ? activeSeconds > 0 : lastBeat > start);
  return { launch: start !== null, beat: hasBeat };
}
