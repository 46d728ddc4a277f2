// What a provider earned and how it is paid. Earnings and statements may be read with a live key; where the money goes and
// when it moves is for the signed-in owner.

import { createRoute, z } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { ownedApp } from "../../domain/catalogue/change-app.ts";
import { iso, type Millis } from "../../domain/clock.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { CURRENCY } from "../../domain/money.ts";
import { beginOnboarding } from "../../domain/payouts/connect-account.ts";
import { listRunning, type RunningRow } from "../../domain/payouts/earnings-store.ts";
import { readEarnings, readPayoutBalance, runningView } from "../../domain/payouts/earnings.ts";
import { requestPayout } from "../../domain/payouts/request-payout.ts";
import { sendPayout } from "../../domain/payouts/send-payout.ts";
import { loadPayout, monthStatement, payoutStatement } from "../../domain/payouts/statement.ts";
import { listLines, listPayouts } from "../../domain/payouts/store.ts";
import { lineView, payoutView } from "../../domain/payouts/view.ts";
import type { Result } from "../../domain/result.ts";
import type { SessionAnswer } from "../../durable-objects/session-answer.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { csvFile, dateRange, readDateRange } from "../date-range.ts";
import type { Env } from "../env.ts";
import { json, newRouter, problems, type AppEnv } from "../http.ts";
import { actingProvider } from "../middleware/acting-provider.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { logNotices } from "../notices.ts";
import { EarningsSchema, PayoutBalanceSchema, PayoutLineSchema, PayoutSchema } from "./payout-schemas.ts";

/** Sandbox sessions earn nothing, so a test key has nothing to see here. */
const liveOnly = createMiddleware<AppEnv>(async (c, next) => {
  if (c.get("provider").mode !== "live")
    throw new DomainError("forbidden", "Sandbox sessions move no money. Use a live key, or mode=live.");
  await next();
});
const providerId = z.string().optional().openapi({ description: "Your app, when you come with an access token." });
const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(80).optional().openapi({ description: "`nextCursor` of the page before." }),
};
const IdParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Payout id (UUIDv7)." }),
});
const textCsv = (description: string) => ({ description, content: { "text/csv": { schema: z.string() } } });
const tags = ["Payouts"];
const reading = {
  tags,
  security: [{ apiKey: [] }, { accessToken: [] }] as Record<string, string[]>[],
  middleware: [actingProvider, liveOnly],
};
const asOwner = (route: string) => ({
  tags,
  security: [{ accessToken: [] }] as Record<string, string[]>[],
  middleware: [requireUser, idempotencyKey(route)],
});

/** A session lasts 12 h at most, and settles soon after. */
const RUNNING_SINCE_MS = 24 * 60 * 60 * 1000;
const RUNNING_MAX = 100;
/** Each asks the clock of its session. */
const RUNNING_ASKED_MAX = 20;

export const providerPayoutRoutes = newRouter();

providerPayoutRoutes.openapi(
  createRoute({
    ...reading,
    method: "get",
    path: "/v1/provider/earnings",
    operationId: "getEarnings",
    summary: "What your app earned",
    description:
      "Per session, and summed over sessions and monthly plans: what was charged (gross), the platform's fee, and your share (net).",
    request: { query: z.object({ providerId, ...dateRange, ...page }) },
    responses: { 200: json(EarningsSchema, "The earnings"), ...problems(400, 401, 403, 404, 429) },
  }),
  async (c) => {
    const { limit, cursor, ...range } = c.req.valid("query");
    const { from, to } = readDateRange(range, c.get("now"));
    const whose = { providerId: c.get("provider").providerId };
    const [earnings, running] = await Promise.all([
      readEarnings(c.env.DB, { ...whose, from, to, cursor, limit }, c.get("now")),
      cursor ? [] : readRunning(c.env, whose.providerId, c.get("now")),
    ]);
    return c.json({ from: iso(from), to: iso(to), currency: CURRENCY, running, ...earnings }, 200);
  },
);

providerPayoutRoutes.openapi(
  createRoute({
    ...reading,
    method: "get",
    path: "/v1/provider/payouts/balance",
    operationId: "getPayoutBalance",
    summary: "What you are owed, and when it is paid",
    request: { query: z.object({ providerId }) },
    responses: {
      200: json(PayoutBalanceSchema, "Account, balance and next payout"),
      ...problems(400, 401, 403, 404, 429, 502),
    },
  }),
  async (c) => c.json(await readPayoutBalance(c.env, c.get("provider").providerId, c.get("now")), 200),
);

providerPayoutRoutes.openapi(
  createRoute({
    ...reading,
    method: "get",
    path: "/v1/provider/payouts",
    operationId: "listPayouts",
    summary: "List payouts",
    description: "Newest first.",
    request: { query: z.object({ providerId, ...page }) },
    responses: {
      200: json(z.object({ payouts: z.array(PayoutSchema), nextCursor: z.string().nullable() }), "The payouts"),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const rows = await listPayouts(c.env.DB, {
      providerId: c.get("provider").providerId,
      before: readIdCursor(cursor),
      limit: limit + 1,
    });
    const payouts = rows.slice(0, limit).map(payoutView);
    return c.json({ payouts, nextCursor: rows.length > limit ? payouts.at(-1)!.id : null }, 200);
  },
);

const RequestBody = z.object({ providerId: z.string().openapi({ description: "Your app." }) }).openapi("RequestPayout");

providerPayoutRoutes.openapi(
  createRoute({
    ...asOwner("POST /v1/provider/payouts"),
    method: "post",
    path: "/v1/provider/payouts",
    operationId: "requestPayout",
    summary: "Pay out what is payable now",
    description:
      "Makes one payout of everything whose hold days are over. It is sent at once; how it ended is told by the events `payout.paid` and `payout.failed`, and by asking for it. Takes an Idempotency-Key.",
    request: { body: { required: true, content: { "application/json": { schema: RequestBody } } } },
    responses: {
      202: json(z.object({ payout: PayoutSchema }), "On its way"),
      ...problems(400, 401, 403, 404, 409, 422, 429, 502),
    },
  }),
  async (c) => {
    const { env, executionCtx } = c;
    const { now } = c.var;
    const app = await ownedApp(env.DB, c.get("user").userId, c.req.valid("json").providerId);
    const answer = await answerOnce(c, () => requestPayout(env, app.id, c.get("idempotency"), now));
    // Not waited for: the row is committed, and cron sends it where this is cut short.
    executionCtx.waitUntil(
      sendPayout(env, answer.payout.id, now).then((notices) => {
        logNotices(notices);
        hintWebhooks(env, executionCtx);
      }),
    );
    return c.json(answer, 202);
  },
);

const OnboardingBody = z
  .object({
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional()
      .openapi({ description: "Where you are, two letters (ISO 3166); chosen at Stripe when absent.", example: "US" }),
  })
  .openapi("BeginOnboarding");

// Before the routes with an id, which would take its last part for one.
providerPayoutRoutes.openapi(
  createRoute({
    ...asOwner("POST /v1/provider/payouts/onboarding"),
    method: "post",
    path: "/v1/provider/payouts/onboarding",
    operationId: "beginOnboarding",
    summary: "Say where to be paid",
    description:
      "A page at Stripe on which you give what Stripe must know; one account for all of your apps. The address works once and for some minutes; ask again for a new one. Takes an Idempotency-Key.",
    request: {
      body: { required: false, content: { "application/json": { schema: OnboardingBody } } },
    },
    responses: {
      200: json(z.object({ url: z.string(), expiresAt: z.string() }), "Where to go"),
      ...problems(400, 401, 403, 404, 409, 429, 502),
    },
  }),
  async (c) => {
    const { country } = c.req.valid("json") as { country?: string };
    const owner = { userId: c.get("user").userId, country: country ?? null };
    return c.json(await answerRepeatable(c, () => beginOnboarding(c.env, owner, c.get("now"))), 200);
  },
);

providerPayoutRoutes.openapi(
  createRoute({
    ...reading,
    method: "get",
    path: "/v1/provider/payouts/{id}",
    operationId: "getPayout",
    summary: "A payout with its lines",
    request: { params: IdParam, query: z.object({ providerId, ...page }) },
    responses: {
      200: json(
        z.object({ payout: PayoutSchema, lines: z.array(PayoutLineSchema), nextCursor: z.string().nullable() }),
        "The payout; `nextCursor` pages its lines",
      ),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const payout = await loadPayout(c.env.DB, c.get("provider").providerId, c.req.valid("param").id);
    const rows = await listLines(c.env.DB, payout.id, { after: cursor ?? null, limit: limit + 1 });
    const lines = rows.slice(0, limit).map(lineView);
    const nextCursor = rows.length > limit ? lines.at(-1)!.id : null;
    return c.json({ payout: payoutView(payout), lines, nextCursor }, 200);
  },
);

providerPayoutRoutes.openapi(
  createRoute({
    ...reading,
    method: "get",
    path: "/v1/provider/payouts/{id}/statement",
    operationId: "getPayoutStatement",
    summary: "A payout as CSV",
    description: "Every line, and the sum that was paid.",
    request: { params: IdParam, query: z.object({ providerId }) },
    responses: { 200: textCsv("RFC 4180, amounts in cents"), ...problems(400, 401, 403, 404, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    return csvFile(`payout-${id}.csv`, await payoutStatement(c.env.DB, c.get("provider").providerId, id));
  },
);

providerPayoutRoutes.openapi(
  createRoute({
    ...reading,
    method: "get",
    path: "/v1/provider/statements/{id}",
    operationId: "getMonthStatement",
    summary: "A month of your account as CSV",
    description:
      "Opening balance, each session, correction and payout with the balance after it, closing balance. UTC. In a month of more than 20,000 sessions they are summed by day.",
    request: {
      params: z.object({
        id: z
          .string()
          .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
          .openapi({ param: { name: "id", in: "path" }, description: "The month.", example: "2026-11" }),
      }),
      query: z.object({ providerId }),
    },
    responses: { 200: textCsv("RFC 4180, amounts in cents"), ...problems(400, 401, 403, 404, 429) },
  }),
  async (c) => {
    const { id: month } = c.req.valid("param");
    return csvFile(`statement-${month}.csv`, await monthStatement(c.env.DB, c.get("provider").providerId, month));
  },
);

/** Ids of payouts page them. */
function readIdCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (!isId(cursor)) throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start without it.");
  return cursor;
}

async function readRunning(env: Env, owner: string, now: Millis) {
  const rows = await listRunning(env.DB, { providerId: owner, since: now - RUNNING_SINCE_MS, limit: RUNNING_MAX });
  return Promise.all(
    rows.map(async (row, index) => runningView(row, index < RUNNING_ASKED_MAX ? await soFar(env, row) : null)),
  );
}

/** What the session's own clock says; null where it cannot be asked, which is no reason to show nothing at all. */
async function soFar(env: Env, { sessionId }: RunningRow): Promise<number | null> {
  const clock = env.SESSIONS.getByName(sessionId);
  const asked = (await clock.snapshot({ sessionId, by: "operator" }).catch(() => null)) as Result<SessionAnswer> | null;
  return asked?.ok ? asked.value.session.tokensConsumed : null;
}
