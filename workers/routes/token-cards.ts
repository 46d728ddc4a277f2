// Cards the person let us charge later: see them, forget them. Saving one is a choice made at a purchase (`saveCard`).

import { createRoute, z } from "@hono/zod-openapi";
import { removeCard, savedCards } from "../../domain/payments/cards.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import type { SavedCard } from "../../domain/gateways/stripe-cards.ts";
import { CardsSchema } from "./token-schemas.ts";

const CardParam = z.object({
  id: z
    .string()
    .max(100)
    .openapi({ param: { name: "id", in: "path" }, example: "pm_1Q0Ps" }),
});

export const tokenCardRoutes = newRouter();
tokenCardRoutes.use("/v1/tokens/cards/*", requireUser);

tokenCardRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/cards",
    operationId: "listCards",
    tags: ["Tokens"],
    summary: "Your saved cards",
    description: "Kept by Stripe, never by us. Newest first.",
    security: [{ accessToken: [] }],
    responses: { 200: json(CardsSchema, "The cards."), ...problems(401, 429, 502) },
  }),
  async (c) => c.json(view(await savedCards(c.env, c.get("user").userId)), 200),
);

tokenCardRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/tokens/cards/{id}",
    operationId: "removeCard",
    tags: ["Tokens"],
    summary: "Forget a saved card",
    description: "It can no longer be charged for you. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("DELETE /v1/tokens/cards/:id")],
    request: { params: CardParam },
    responses: { 200: json(CardsSchema, "The cards that are left."), ...problems(400, 401, 404, 409, 429, 502) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const answer = await answerRepeatable(c, async () =>
      view((await removeCard(c.env, c.get("user").userId, id)).cards),
    );
    return c.json(answer, 200);
  },
);

const view = (cards: SavedCard[]) => ({
  cards: cards.map(({ id, brand, last4, expMonth, expYear }) => ({ id, brand, last4, expMonth, expYear })),
});
