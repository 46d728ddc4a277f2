// Plans of apps and who takes them: a monthly base through Stripe that includes use of one app.

import { createRoute, z } from "@hono/zod-openapi";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { offerPlan, readOwn, retire, setEnd, subscribe } from "../../domain/subscriptions/subscribe.ts";
import { reconcileSubscription } from "../../domain/subscriptions/reconcile.ts";
import { listPlans, listSubscriptions, type Plan, type Subscription } from "../../domain/subscriptions/store.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";

const MONTH_CENTS_MAX = 100_000;
const INCLUDED_MAX = 1_000_000;
const IdParam = z.object({
  id: z
    .string()
    .max(100)
    .openapi({ param: { name: "id", in: "path" } }),
});
const PlanFields = {
  name: z.string().trim().min(2).max(80).openapi({ example: "Writer monthly" }),
  monthCents: z.number().int().min(100).max(MONTH_CENTS_MAX).openapi({ description: "The monthly base, in cents." }),
  includedTokens: z
    .number()
    .int()
    .min(1)
    .max(INCLUDED_MAX)
    .openapi({ description: "Tokens of use of this app that a month includes." }),
};
const OfferBody = z.object(PlanFields).openapi("OfferPlan");
const PlanSchema = z
  .object({
    id: z.string(),
    providerId: z.string(),
    ...PlanFields,
    feeBasisPoints: z.number().int().openapi({ description: "The platform's part of the base." }),
    createdAt: z.string(),
  })
  .openapi("Plan");
const SubscriptionSchema = z
  .object({
    id: z.string(),
    providerId: z.string(),
    providerName: z.string(),
    planId: z.string(),
    planName: z.string(),
    monthCents: z.number().int(),
    includedTokens: z.number().int(),
    leftTokens: z
      .number()
      .int()
      .openapi({ description: "Of the running term; a session reserves what it may need of it." }),
    reservedTokens: z
      .number()
      .int()
      .openapi({ description: "Reserved for open sessions; what they do not use is left again." }),
    termUntil: z.string().nullable(),
    status: z.enum(["open", "active", "past_due", "ended"]),
    cancelAtPeriodEnd: z.boolean(),
    checkoutUrl: z.string().nullable().openapi({ description: "Where to pay, while it is open." }),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
  })
  .openapi("Subscription");
const Answer = z.object({ subscription: SubscriptionSchema });

const planView = (plan: Plan) => ({
  id: plan.id,
  providerId: plan.providerId,
  name: plan.name,
  monthCents: plan.monthCents,
  includedTokens: plan.includedTokens,
  feeBasisPoints: plan.feeBasisPoints,
  createdAt: iso(plan.createdAt),
});
const view = (one: Subscription) => ({
  id: one.id,
  providerId: one.providerId,
  providerName: one.providerName,
  planId: one.planId,
  planName: one.planName,
  monthCents: one.monthCents,
  includedTokens: one.includedTokens,
  leftTokens: one.leftTokens,
  reservedTokens: one.reservedTokens,
  termUntil: isoOrNull(one.termUntil),
  status: one.status,
  cancelAtPeriodEnd: one.cancelAtPeriodEnd === 1,
  checkoutUrl: one.checkoutUrl,
  createdAt: iso(one.createdAt),
  endedAt: isoOrNull(one.endedAt),
});

export const subscriptionRoutes = newRouter();
for (const path of ["/v1/subscriptions", "/v1/subscriptions/*", "/v1/provider/apps/:id/plans", "/v1/provider/plans/*"])
  subscriptionRoutes.use(path, requireUser);

subscriptionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/plans",
    operationId: "listPlans",
    tags: ["Catalogue"],
    summary: "The plans of an app",
    description: "A monthly base that includes use. Without a plan you pay for what you use, as always.",
    security: [],
    request: { params: IdParam },
    responses: { 200: json(z.object({ plans: z.array(PlanSchema) }), "Cheapest first."), ...problems(400, 429) },
  }),
  async (c) => c.json({ plans: (await listPlans(c.env.DB, c.req.valid("param").id)).map(planView) }, 200),
);

subscriptionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/apps/{id}/plans",
    operationId: "offerPlan",
    tags: ["Provider"],
    summary: "Offer a plan for your app",
    description: "A plan never changes: a new price is a new plan. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/provider/apps/:id/plans")],
    request: { params: IdParam, body: { required: true, content: { "application/json": { schema: OfferBody } } } },
    responses: { 201: json(z.object({ plan: PlanSchema }), "Offered."), ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const offer = { ...c.req.valid("json"), providerId: c.req.valid("param").id, userId: c.get("user").userId };
    const plan = await answerOnce(c, () => offerPlan(c.env.DB, offer, c.get("idempotency"), c.get("now")));
    return c.json({ plan: planView(plan) }, 201);
  },
);

subscriptionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/plans/{id}/retire",
    operationId: "retirePlan",
    tags: ["Provider"],
    summary: "Offer a plan to nobody new",
    description: "Who has it keeps it. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/provider/plans/:id/retire")],
    request: { params: IdParam },
    responses: { 200: json(z.object({ retired: z.literal(true) }), "Retired."), ...problems(401, 404, 409, 429) },
  }),
  async (c) => {
    const it = { userId: c.get("user").userId, planId: c.req.valid("param").id };
    return c.json(await answerOnce(c, () => retire(c.env.DB, it, c.get("idempotency"), c.get("now"))), 200);
  },
);

subscriptionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/subscriptions",
    operationId: "subscribe",
    tags: ["Wallet"],
    summary: "Take a plan: open its checkout page",
    description: "Nothing is included before Stripe says it is paid. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/subscriptions")],
    request: {
      body: {
        required: true,
        content: { "application/json": { schema: z.object({ planId: z.string().max(100) }).openapi("Subscribe") } },
      },
    },
    responses: {
      200: json(z.object({ subscriptionId: z.string(), checkoutUrl: z.string() }), "Redirect the browser to the page."),
      ...problems(400, 401, 403, 404, 409, 429, 502),
    },
  }),
  async (c) => {
    const { userId, walletId } = c.get("user");
    const it = { userId, walletId, planId: c.req.valid("json").planId, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => subscribe(c.env, it, c.get("now"))), 200);
  },
);

subscriptionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/subscriptions",
    operationId: "listSubscriptions",
    tags: ["Wallet"],
    summary: "Your plans",
    security: [{ accessToken: [] }],
    responses: {
      200: json(z.object({ subscriptions: z.array(SubscriptionSchema) }), "Living ones first."),
      ...problems(401, 429),
    },
  }),
  async (c) =>
    c.json({ subscriptions: (await listSubscriptions(c.env.DB, c.get("user").userId, c.get("now"))).map(view) }, 200),
);

subscriptionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/subscriptions/{id}",
    operationId: "getSubscription",
    tags: ["Wallet"],
    summary: "One of your plans",
    description: "One that is open is looked up at Stripe first, so the page you come back to need not wait.",
    security: [{ accessToken: [] }],
    request: { params: IdParam },
    responses: { 200: json(Answer, "As it stands."), ...problems(401, 404, 429, 502) },
  }),
  async (c) => {
    const known = await readOwn(c.env.DB, c.req.valid("param").id, c.get("user").userId, c.get("now"));
    if (known.status !== "open") return c.json({ subscription: view(known) }, 200);
    const subscription = await reconcileSubscription(c.env, known, c.get("now"));
    hintWebhooks(c.env, c.executionCtx);
    return c.json({ subscription: view(subscription) }, 200);
  },
);

const ending = (verb: "end" | "keep", summary: string, description: string) =>
  createRoute({
    method: "post",
    path: `/v1/subscriptions/{id}/${verb}`,
    operationId: `${verb}Subscription`,
    tags: ["Wallet"],
    summary,
    description,
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey(`POST /v1/subscriptions/:id/${verb}`)],
    request: { params: IdParam },
    responses: { 200: json(Answer, "As it stands now."), ...problems(401, 404, 409, 429, 502) },
  });
for (const verb of ["end", "keep"] as const)
  subscriptionRoutes.openapi(
    verb === "end"
      ? ending("end", "Let a plan end with its term", "What is paid stays yours until then. Takes an Idempotency-Key.")
      : ending("keep", "Go on with a plan after all", "While its term still runs. Takes an Idempotency-Key."),
    async (c) => {
      const { id } = c.req.valid("param");
      const answer = await answerRepeatable(c, async () => {
        const known = await readOwn(c.env.DB, id, c.get("user").userId, c.get("now"));
        return { subscription: view(await setEnd(c.env, known, verb === "end", c.get("now"))) };
      });
      return c.json(answer, 200);
    },
  );
