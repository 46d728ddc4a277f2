// Receipts: of one session, all of a person's in the order of their chain, and the public keys to check them with.

import { createRoute, z } from "@hono/zod-openapi";
import { RECEIPT_KEYS_PATH } from "../../sdk/src/protocol/receipt.ts";
import { readReceipt } from "../../domain/receipts/read-receipt.ts";
import { receiptKeys, signDueReceipts } from "../../domain/receipts/sign-receipts.ts";
import { listSigned } from "../../domain/receipts/store.ts";
import { readOwnSession } from "../../domain/sessions/read-session.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { JwksSchema, KEYS_CACHE } from "./jwks.ts";
import { SessionIdParam } from "./session-schemas.ts";
import { SliceSchema } from "./slices.ts";

const Signed = z.string().openapi({
  description: "Compact JWS (ES256) of the receipt; docs/receipts.md says how to check it.",
});
const ReceiptSchema = z
  .object({
    receipt: z.looseObject({
      sessionId: z.string(),
      number: z.number().int().nullable().openapi({ description: "Its place in the wallet's chain, from 1." }),
      tokensConsumed: z.number().int(),
      tokensReserved: z.number().int().openapi({ description: "Of what was held, set aside by the plan." }),
      tokensIncluded: z.number().int().openapi({ description: "Of what was used, included in the plan: not charged." }),
      tokensDisputed: z.number().int().openapi({ description: "Held until it is decided; see `slice`." }),
      slice: SliceSchema.nullable(),
      savedByAutoPauseTokens: z
        .number()
        .int()
        .openapi({ description: "What the time the clock stood by itself would have cost." }),
    }),
    signed: Signed.nullable().openapi({ description: "The same, signed; null for a sandbox session." }),
    replaced: Signed.nullable().openapi({ description: "The one from before a disputed slice was decided." }),
  })
  .openapi("ReceiptAnswer");
const ReceiptsSchema = z
  .object({
    receipts: z.array(z.object({ number: z.number().int(), sessionId: z.string(), signed: Signed })),
    nextCursor: z.string().nullable(),
  })
  .openapi("Receipts");

export const receiptRoutes = newRouter();
receiptRoutes.use("/v1/receipts", requireUser);

// requireUser stands before every path under /v1/sessions/ (sessions.ts).
receiptRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/sessions/{id}/receipt",
    operationId: "getReceipt",
    tags: ["Sessions"],
    summary: "What a settled session was charged for",
    security: [{ accessToken: [] }],
    request: { params: SessionIdParam },
    responses: { 200: json(ReceiptSchema, "The receipt, plain and signed."), ...problems(401, 404, 409) },
  }),
  async (c) => {
    const { session } = await readOwnSession(c.env.DB, c.req.valid("param").id, c.get("user").userId);
    return c.json(await readReceipt(c.env, session, c.get("now")), 200);
  },
);

receiptRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/receipts",
    operationId: "listReceipts",
    tags: ["Sessions"],
    summary: "All your signed receipts, oldest first",
    description: "Each names the digest of the one before it, so that none can be left out or changed unseen.",
    security: [{ accessToken: [] }],
    request: {
      query: z.object({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        cursor: z
          .string()
          .regex(/^\d{1,15}$/)
          .optional()
          .openapi({ description: "`nextCursor` of the page before." }),
      }),
    },
    responses: { 200: json(ReceiptsSchema, "A page of receipts."), ...problems(400, 401, 429) },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { walletId } = c.get("user");
    await signDueReceipts(c.env, walletId, c.get("now"));
    const found = await listSigned(c.env.DB, walletId, Number(cursor ?? 0), limit + 1);
    const page = found.slice(0, limit);
    const nextCursor = found.length > limit ? String(page.at(-1)!.number) : null;
    return c.json(
      { receipts: page.map(({ number, sessionId, jws }) => ({ number, sessionId, signed: jws })), nextCursor },
      200,
    );
  },
);

receiptRoutes.openapi(
  createRoute({
    method: "get",
    path: RECEIPT_KEYS_PATH,
    operationId: "getReceiptKeys",
    summary: "Read the public keys of receipts",
    description: "JSON Web Key Set. A key that once signed a receipt stays here for good, also when it signs no more.",
    tags: ["Auth"],
    security: [],
    responses: { 200: { description: "The keys", content: { "application/json": { schema: JwksSchema } } } },
  }),
  async (c) => c.json(await receiptKeys(c.env), 200, { "Cache-Control": KEYS_CACHE }),
);
