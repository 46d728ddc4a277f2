// Deleting one's own account.

import { createRoute, z } from "@hono/zod-openapi";
import { connectionsToRevoke, revokeThere } from "../../domain/connections/connect.ts";
import { closePages } from "../../domain/payments/close-pages.ts";
import { erasePerson } from "../../domain/privacy/erase-person.ts";
import { unwrap, type Result } from "../../domain/result.ts";
import { endAll } from "../../domain/subscriptions/subscribe.ts";
import type { SessionAnswer } from "../../durable-objects/session-answer.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { logCaughtUp } from "../notices.ts";
import { clearRefreshCookie } from "../refresh-cookie.ts";

const EraseBody = z
  .object({
    email: z.string().max(254).trim().toLowerCase().openapi({ description: "Your own address, to confirm." }),
    giveUpTokens: z
      .boolean()
      .default(false)
      .openapi({ description: "Consent to lose the tokens in the wallet. Asked for only where there are any." }),
  })
  .openapi("EraseAccount");

export const erasureRoutes = newRouter();

erasureRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/me/erase",
    operationId: "eraseMe",
    summary: "Delete the account",
    description:
      "Ends and settles open sessions (`user_erased`), ends monthly plans, closes open payment pages, deletes everything that names the person, and tells every app that knew them (`user.erased`). Cannot be undone. Repeating it after it succeeded answers 401: there is no such account any more.",
    tags: ["Auth"],
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { body: { required: true, content: { "application/json": { schema: EraseBody } } } },
    responses: { 204: { description: "Deleted" }, ...problems(400, 401, 409, 422, 429, 502) },
  }),
  async (c) => {
    const { userId, signInId } = c.get("user");
    const endSession = async (sessionId: string): Promise<void> => {
      const clock = c.env.SESSIONS.getByName(sessionId);
      unwrap((await clock.end({ sessionId, by: "user", userId }, "user_erased", true)) as Result<SessionAnswer>);
    };
    const connections = await connectionsToRevoke(c.env, userId);
    const endPlans = () => endAll(c.env, userId, c.get("now"));
    await erasePerson(c.env.DB, { endSession, endPlans }, { userId, signInId, ...c.req.valid("json") }, c.get("now"));
    // There is no hurry, and nothing to say if a server does not answer: the tokens are gone here.
    c.executionCtx.waitUntil(Promise.all(connections.map((connection) => revokeThere(c.env, connection))));
    // Noted with the deletion itself: whatever does not get through here is done by cron.
    logCaughtUp(await closePages(c.env, userId, c.get("now")));
    clearRefreshCookie(c);
    hintWebhooks(c.env, c.executionCtx);
    return c.body(null, 204);
  },
);
