// One piece of metered work: measure it, report it, do it only when the report was accepted, answer what was reported.

import { ApiError, type Marketplace, MarketplaceError, ReportRefusedError, type WebhookEvent } from "@meterplace/sdk";
import { isTimeMeter } from "../../domain/pricing/components.ts";
import type { SeededApp } from "../../scripts/seed/apps.ts";
import { toolFor, type Measure, type WorkResult } from "./tools/tool.ts";

export interface WorkRequest {
  action: string;
  text: string;
  count: number;
  /** Made by the page for one click; the same click sent twice is charged once. */
  workId: string;
}
export interface WorkAnswer {
  result?: WorkResult;
  report?: Measure & { status: string };
  error?: string;
}
type Answer = { status: 200 | 400 | 401 | 402 | 409 | 500 | 503; body: WorkAnswer };

export async function doWork(
  marketplace: Marketplace | null,
  app: SeededApp,
  sessionId: string | null,
  text: string,
): Promise<Answer> {
  const request = readRequest(text);
  if (!request) return refuse(400, "Send an action, a text and a workId.");
  if (!marketplace) return refuse(503, "This app has no key yet.");
  if (!sessionId) return refuse(401, "Open this app from the marketplace first.");
  try {
    if (app.fails) return await failOnPurpose(marketplace, sessionId, request);
    const tool = toolFor(app);
    const measure = tool.measure(request);
    if (!measure) {
      // Only time is paid for here; the meter must be running.
      const { status } = await marketplace.sessions.get(sessionId);
      if (status === "paused") return refuse(409, "The session is paused. Resume it first, then try again.");
      if (status !== "active") return sessionOver();
      return { status: 200, body: { result: tool.perform(request) } };
    }
    const { meter, units } = measure;
    const amount = meter === "token" ? { amount: units } : { meter, units };
    const { status } = await marketplace.tokens.consume({ sessionId, ...amount, idempotencyKey: request.workId });
    return { status: 200, body: { result: tool.perform(request), report: { ...measure, status } } };
  } catch (error) {
    return tellError(error);
  }
}

/** Flaky Lab: an app that breaks. Ending a session with `provider_error` gives the person everything back. */
async function failOnPurpose(marketplace: Marketplace, sessionId: string, request: WorkRequest): Promise<Answer> {
  if (request.action !== "end") return refuse(500, "Flaky Lab broke on purpose, in the middle of your work.");
  await marketplace.sessions.complete(sessionId, { reason: "provider_error" });
  return sessionOver();
}

/**
 * The session is over, and every report of ours was answered before its work was done: say that no more will come, so that
 * it settles now and not after the grace for late reports.
 */
export async function closeBooks(marketplace: Marketplace | null, app: SeededApp, event: WebhookEvent): Promise<void> {
  const { sessionId } = event.data;
  const reports = app.pricing.some(({ meter }) => !isTimeMeter(meter));
  if (!marketplace || !reports || !sessionId || event.type !== "session.completed") return;
  try {
    await marketplace.sessions.complete(sessionId, { final: true });
  } catch (error) {
    // It settles by itself a little later.
    console.warn(`session ${sessionId} not closed early: ${(error as Error).message}`);
  }
}

function tellError(error: unknown): Answer {
  if (error instanceof ReportRefusedError) {
    switch (error.result.status) {
      case "session_closed":
        return sessionOver();
      case "tokens_depleted":
        return refuse(402, "This would cost more than the session holds. Nothing was charged for it.");
      default:
        return refuse(409, `This could not be counted (${error.result.status}), so it was not done or charged.`);
    }
  }
  if (error instanceof ApiError && error.code === "session_not_started")
    return refuse(409, "The session has not started yet.");
  if (error instanceof MarketplaceError)
    return refuse(503, `The marketplace did not take the report (${error.code}), so nothing was done or charged.`);
  throw error;
}

const refuse = (status: Answer["status"], error: string): Answer => ({ status, body: { error } });
/** What the SDK's `fetch` in the page understands. */
const sessionOver = (): Answer => refuse(401, "SESSION_EXPIRED");

function readRequest(text: string): WorkRequest | null {
  try {
    const { action, text: input, count, workId } = JSON.parse(text) as Record<string, unknown>;
    if (typeof action !== "string" || typeof input !== "string" || typeof workId !== "string") return null;
    const units = Number(count ?? 1);
    return { action, text: input, workId, count: Number.isFinite(units) && units > 0 ? units : 1 };
  } catch {
    return null;
  }
}
