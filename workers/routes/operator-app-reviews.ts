// An operator takes a review out of sight: abuse, names, advertising. It says why, and can be undone.

import { createRoute, z } from "@hono/zod-openapi";
import { hide } from "../../domain/reviews/reviews.ts";
import { hintCatalogue } from "../consumers/index-catalogue.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";
import { ReviewSchema } from "./app-reviews.ts";

const REASON_MAX_LENGTH = 300;

export const operatorAppReviewRoutes = newRouter();
operatorAppReviewRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));

operatorAppReviewRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/app-reviews/{id}/visibility",
    operationId: "hideReview",
    tags: ["Operators"],
    summary: "Hide a review with a reason, or show it again",
    description: "Hidden, it counts for nothing; its writer reads the reason. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/app-reviews/:id/visibility")],
    request: {
      params: z.object({
        id: z
          .string()
          .max(40)
          .openapi({ param: { name: "id", in: "path" } }),
      }),
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z
              .object({
                hiddenReason: z
                  .string()
                  .trim()
                  .min(1)
                  .max(REASON_MAX_LENGTH)
                  .nullable()
                  .openapi({ description: "Null shows it again." }),
              })
              .openapi("HideReview"),
          },
        },
      },
    },
    responses: {
      200: json(z.object({ review: ReviewSchema, hiddenReason: z.string().nullable() }), "As it is now"),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  async (c) => {
    const reason = c.req.valid("json").hiddenReason;
    const wish = {
      reviewId: c.req.valid("param").id,
      operatorId: c.get("user").userId,
      reason,
      claim: c.get("idempotency"),
    };
    const answered = await answerOnce(c, () => hide(c.env.DB, wish, c.get("now")));
    c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answered, 200);
  },
);
