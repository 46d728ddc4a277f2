// The discovery chat: say what you need, hear which apps do it and what they would cost. Answers are server-sent events,
// cards before prose; nobody has to be signed in. docs/discovery-chat.md.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import {
  numbered,
  openConversation,
  readConversation,
  readEventId,
  replayTurn,
  runTurn,
  type ChatRequest,
} from "../../domain/discovery/chat/conversation.ts";
import { chipsOf } from "../../domain/discovery/chat/dialogue.ts";
import { deleteConversation, listTurns } from "../../domain/discovery/chat/store.ts";
import { CHAT_LANGUAGES } from "../../domain/discovery/chat/chat-words.ts";
import { DomainError } from "../../domain/errors.ts";
import { IDEMPOTENCY_KEY_MAX_LENGTH } from "../../domain/idempotency.ts";
import { sha256Hex } from "../../domain/ids.ts";
import { chatParts } from "../chat-parts.ts";
import { eventStream } from "../event-stream.ts";
import { newRouter, problems, type AppEnv } from "../http.ts";
import { invalidRequest } from "../read-request.ts";
import { optionalUser } from "../middleware/authenticate.ts";
import { addressOf, limitRequest } from "../middleware/rate-limit.ts";

/** A message of the longest kind with every other field is less than half of it. */
const BODY_MAX_BYTES = 2_048;
const MESSAGE_MAX = 500;
const CHIPS_MAX = 10;

const ChatBody = z
  .object({
    message: z
      .string()
      .max(MESSAGE_MAX, `may have at most ${MESSAGE_MAX} characters; say the most important first`)
      .default("")
      .openapi({
        description: "What you need, or what you say to what was shown. May be left out where `remove` says something.",
        example: "plan my meals, 2 to 3 hours a week, under $20 a month",
      }),
    conversationId: z
      .string()
      .max(60)
      .nullish()
      .openapi({ description: "Of the first `meta` event; without it a new conversation begins." }),
    remove: z
      .array(z.string().max(80))
      .max(CHIPS_MAX)
      .default([])
      .openapi({ description: "Ids of chips to take away, e.g. `budget`." }),
    language: z.enum(CHAT_LANGUAGES).default("en").openapi({ description: "Of the prose." }),
  })
  .openapi("DiscoveryChat");
const ConversationParam = z.object({ id: z.string().max(60) });
const EventSchema = z.object({
  id: z.string(),
  event: z.enum(["meta", "slots", "cards", "delta", "citation", "question", "done", "error"]),
  data: z.record(z.string(), z.unknown()),
});
const ConversationSchema = z
  .object({
    conversationId: z.string(),
    chips: z.array(z.object({ id: z.string(), text: z.string() })),
    turns: z.array(z.object({ turn: z.number().int(), message: z.string(), events: z.array(EventSchema) })),
  })
  .openapi("DiscoveryConversation");

const limitChatBody = createMiddleware<AppEnv>(async (c, next) => {
  const isLonger =
    Number(c.req.header("Content-Length") ?? 0) > BODY_MAX_BYTES ||
    new TextEncoder().encode(await c.req.text()).length > BODY_MAX_BYTES;
  if (isLonger)
    throw new DomainError(
      "payload_too_large",
      `A chat request may have at most ${BODY_MAX_BYTES} bytes, its message at most ${MESSAGE_MAX} characters.`,
    );
  await next();
});

export const discoveryChatRoutes = newRouter();

discoveryChatRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/chat/discovery",
    operationId: "discoveryChat",
    summary: "Say what you need, in a conversation",
    description:
      "Answers with server-sent events: `meta`, `slots`, `cards`, then `delta` and `citation`, and at the end `question` where one is open, `done` or `error`. Every price is worked out by the pricing engine, nothing is ever spent. Each event has an id: the same request with `Last-Event-ID` goes on after it. docs/discovery-chat.md shows each event.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser, limitChatBody] as const,
    request: {
      headers: z.object({
        "Last-Event-ID": z
          .string()
          .max(80)
          .optional()
          .openapi({ description: "The last event heard: the answer goes on after it instead of being made anew." }),
      }),
      body: { required: true, content: { "application/json": { schema: ChatBody } } },
    },
    responses: {
      200: { description: "The events of one turn", content: { "text/event-stream": { schema: z.string() } } },
      ...problems(400, 401, 404, 409, 413, 429),
    },
  }),
  async (c) => {
    const request = await readRequest(c, c.req.valid("json"));
    const { env, var: vars } = c;
    limitRequest(c, "chat", vars.viewer?.userId ?? addressOf(c));
    const opened = await openConversation(env.DB, request, vars.now);
    const keepAlive = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
    if (opened.kind === "replay")
      return eventStream(
        () => replayTurn(opened.turn, opened.from),
        opened.isByKey ? { "Idempotency-Replayed": "true" } : {},
        keepAlive,
      );
    const parts = await chatParts(env, await askerOf(c), vars.now);
    const { conversation } = opened;
    const report = (error: unknown): void =>
      console.error(
        JSON.stringify({
          message: "a chat turn failed",
          requestId: vars.requestId,
          error: String((error as Error)?.stack ?? error),
        }),
      );
    return eventStream(
      (signal) => runTurn({ db: env.DB, parts, conversation, request, now: vars.now, signal, report }),
      {},
      keepAlive,
    );
  },
);

discoveryChatRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/chat/discovery/{id}",
    operationId: "getDiscoveryConversation",
    summary: "Show a conversation",
    description:
      "Its last turns with the events that were told, so that a page can be drawn again. A conversation of a signed-in person is theirs; a stranger's is whoever's has its id, for a day.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ConversationParam },
    responses: {
      200: { description: "The conversation", content: { "application/json": { schema: ConversationSchema } } },
      ...problems(401, 404, 429),
    },
  }),
  async (c) => {
    const { viewer, now } = c.var;
    const conversation = await readConversation(c.env.DB, c.req.valid("param").id, viewer?.userId ?? null, now);
    const turns = await listTurns(c.env.DB, conversation.id);
    return c.json(
      {
        conversationId: conversation.id,
        chips: chipsOf(conversation.memory.slots, "en"),
        turns: turns.map((turn) => ({
          turn: turn.number,
          message: turn.message,
          events: numbered(turn) as z.infer<typeof EventSchema>[],
        })),
      },
      200,
    );
  },
);

discoveryChatRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/chat/discovery/{id}",
    operationId: "deleteDiscoveryConversation",
    summary: "Forget a conversation",
    description: "All that was said in it is deleted at once. Repeating it answers 404.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ConversationParam },
    responses: { 204: { description: "Forgotten" }, ...problems(401, 404, 429) },
  }),
  async (c) => {
    const { viewer, now } = c.var;
    const { id } = await readConversation(c.env.DB, c.req.valid("param").id, viewer?.userId ?? null, now);
    await deleteConversation(c.env.DB, id);
    return c.body(null, 204);
  },
);

async function readRequest(c: Context<AppEnv>, body: z.infer<typeof ChatBody>): Promise<ChatRequest> {
  const { viewer } = c.var;
  const key = await readKey(c, viewer ? `user:${viewer.userId}` : `address:${addressOf(c)}`);
  const lastEventId = c.req.header("Last-Event-ID");
  const after = lastEventId ? readEventId(lastEventId) : null;
  if (lastEventId && !after)
    throw invalidRequest([{ path: ["Last-Event-ID"], message: "is not the id of an event of this chat" }]);
  const message = body.message.trim();
  if (message === "" && body.remove.length === 0 && !after)
    throw invalidRequest([{ path: ["message"], message: "say what you need, in 1 to 500 characters" }]);
  return {
    message,
    remove: body.remove,
    language: body.language,
    conversationId: body.conversationId ?? null,
    userId: viewer?.userId ?? null,
    after,
    key,
  };
}

/** Whose part of the models' budget it is. Of a stranger's address nothing can be told from what is kept. */
async function askerOf(c: Context<AppEnv>): Promise<string> {
  const { viewer } = c.var;
  return viewer
    ? `user:${viewer.userId}`
    : `visitor:${(await sha256Hex(`${c.env.AUTH_SECRET}\nvisitor\n${addressOf(c)}`)).slice(0, 32)}`;
}

/** A stranger is told apart by their address, and by a key nobody else makes up. */
async function readKey(c: Context<AppEnv>, caller: string): Promise<ChatRequest["key"]> {
  const key = c.req.header("Idempotency-Key");
  if (key === undefined) return null;
  if (key.length === 0 || key.length > IDEMPOTENCY_KEY_MAX_LENGTH)
    throw invalidRequest([
      { path: ["Idempotency-Key"], message: `must have 1 to ${IDEMPOTENCY_KEY_MAX_LENGTH} characters` },
    ]);
  const [requestHash, bodyHash] = await Promise.all([sha256Hex(`${caller}\n${key}`), sha256Hex(await c.req.text())]);
  return { requestHash, bodyHash };
}
