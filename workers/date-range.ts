// A span of time as two query parameters, days or moments.

import { z } from "@hono/zod-openapi";
import type { Millis } from "../domain/clock.ts";
import { invalidRequest } from "./read-request.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_DEFAULT = 30;

const moment = z.iso.date().or(z.iso.datetime({ offset: true }));
export const dateRange = {
  from: moment
    .optional()
    .openapi({ description: "First day or moment (UTC); 30 days ago when absent.", example: "2026-11-01" }),
  to: moment
    .optional()
    .openapi({ description: "Last day, included, or the moment it ends; now when absent.", example: "2026-11-30" }),
};

/** `from <= at < to`. A day counts from its start, and as an end to its end. @throws DomainError `invalid_request` */
export function readDateRange(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  now: Millis,
): { from: Millis; to: Millis } {
  const end = to === undefined ? now + 1 : Date.parse(to) + (to.length === "2026-11-30".length ? DAY_MS : 0);
  const start = from === undefined ? Math.min(now, end) - DAYS_DEFAULT * DAY_MS : Date.parse(from);
  if (start >= end) throw invalidRequest([{ path: ["from"], message: "must lie before `to`" }]);
  return { from: start, to: end };
}

/** A file of rows for a spreadsheet. `name` is ours, never a person's words. */
export const csvFile = (name: string, text: string): Response =>
  new Response(text, {
    headers: {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="${name}"`,
      "Cache-Control": "private, no-store",
    },
  });
