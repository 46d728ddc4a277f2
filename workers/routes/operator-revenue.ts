// What the marketplace turned over and kept, and every payout, for operators.

import { createRoute, z } from "@hono/zod-openapi";
import { iso } from "../../domain/clock.ts";
import { csvText } from "../../domain/csv.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { CURRENCY } from "../../domain/money.ts";
import { listPayouts } from "../../domain/payouts/store.ts";
import { payoutView } from "../../domain/payouts/view.ts";
import { readRevenue, type RevenueRow } from "../../domain/revenue/store.ts";
import { csvFile, dateRange, readDateRange } from "../date-range.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { requireRole } from "../middleware/require-role.ts";
import { PayoutSchema } from "./payout-schemas.ts";

/** Two years of days, or as many apps. */
const GROUPS_MAX = 800;

const cents = z.number().int();
const sums = {
  sessions: z.number().int(),
  grossCents: cents.openapi({
    description: "Charged to people at list price and paid for monthly plans (GMV), less what was taken back.",
  }),
  planCents: cents.openapi({ description: "Of gross: the base of monthly plans." }),
  feeCents: cents.openapi({ description: "The platform's fees." }),
  shareCents: cents.openapi({ description: "The providers' shares." }),
  unpayableCents: cents.openapi({ description: "Of the shares: owners on their own apps, never paid." }),
  promoCents: cents.openapi({ description: "Of gross: charged to gifts, which the platform pays." }),
  discountCents: cents.openapi({ description: "Of gross: made cheaper by bundles, which the platform pays." }),
  netCents: cents.openapi({ description: "feeCents less promoCents and discountCents." }),
};
const RevenueSchema = z
  .object({
    by: z.enum(["day", "app"]),
    from: z.string(),
    to: z.string(),
    currency: z.string(),
    groups: z.array(z.object({ key: z.string(), name: z.string().nullable(), ...sums })),
    total: z.object(sums),
  })
  .openapi("Revenue");

export const operatorRevenueRoutes = newRouter();
operatorRevenueRoutes.use("/v1/operator/revenue", requireUser, requireRole("operator"));
operatorRevenueRoutes.use("/v1/operator/payouts", requireUser, requireRole("operator"));

operatorRevenueRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/revenue",
    operationId: "operatorGetRevenue",
    tags: ["Operators"],
    summary: "Turnover and what was kept of it",
    description: "By day of settlement (UTC) or by app. `format=csv` gives the groups as a file.",
    security: [{ accessToken: [] }],
    request: {
      query: z.object({
        by: z.enum(["day", "app"]).default("day"),
        ...dateRange,
        format: z.enum(["json", "csv"]).default("json"),
      }),
    },
    responses: {
      200: {
        description: "The groups and their sum",
        content: { "application/json": { schema: RevenueSchema }, "text/csv": { schema: z.string() } },
      },
      ...problems(400, 401, 403, 429),
    },
  }),
  async (c) => {
    const { by, format, ...range } = c.req.valid("query");
    const { from, to } = readDateRange(range, c.get("now"));
    const groups = (await readRevenue(c.env.DB, { from, to, by, limit: GROUPS_MAX })).map(withNet);
    if (format === "csv") return csvFile(`revenue-by-${by}.csv`, revenueCsv(by, groups));
    return c.json({ by, from: iso(from), to: iso(to), currency: CURRENCY, groups, total: totalOf(groups) }, 200);
  },
);

operatorRevenueRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/payouts",
    operationId: "operatorListPayouts",
    tags: ["Operators"],
    summary: "Every payout",
    description: "Newest first, of all providers.",
    security: [{ accessToken: [] }],
    request: {
      query: z.object({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        cursor: z.string().max(80).optional().openapi({ description: "`nextCursor` of the page before." }),
      }),
    },
    responses: {
      200: json(z.object({ payouts: z.array(PayoutSchema), nextCursor: z.string().nullable() }), "The payouts"),
      ...problems(400, 401, 403, 429),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    if (cursor !== undefined && !isId(cursor))
      throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start without it.");
    const rows = await listPayouts(c.env.DB, { providerId: null, before: cursor ?? null, limit: limit + 1 });
    const payouts = rows.slice(0, limit).map(payoutView);
    return c.json({ payouts, nextCursor: rows.length > limit ? payouts.at(-1)!.id : null }, 200);
  },
);

const withNet = (row: RevenueRow) => ({ ...row, netCents: row.feeCents - row.promoCents - row.discountCents });
type Group = ReturnType<typeof withNet>;

const FIGURES = [
  "sessions",
  "grossCents",
  "feeCents",
  "shareCents",
  "unpayableCents",
  "promoCents",
  "discountCents",
  "netCents",
  "planCents",
] as const satisfies (keyof Group)[];

const totalOf = (groups: readonly Group[]): Record<(typeof FIGURES)[number], number> =>
  Object.fromEntries(FIGURES.map((name) => [name, groups.reduce((sum, group) => sum + group[name], 0)])) as Record<
    (typeof FIGURES)[number],
    number
  >;

const revenueCsv = (by: "day" | "app", groups: readonly Group[]): string =>
  csvText(
    [by, "name", ...FIGURES.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))],
    groups.map((group) => [group.key, group.name, ...FIGURES.map((name) => group[name])]),
  );
