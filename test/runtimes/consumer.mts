// An app's code against the published types: compiled by test/sdk/package.test.ts, never run.

import { ApiError, Marketplace, signWebhook, type ReportResult, type Webhook } from "@meterplace/sdk";
import { MarketplaceSDK } from "@meterplace/sdk/browser";
import { meterplace as forExpress } from "@meterplace/sdk/express";
import { meterplace as forHono } from "@meterplace/sdk/hono";
import { meterplace as forNext } from "@meterplace/sdk/next";
import { quote } from "@meterplace/sdk/pricing";
import { verifyReceipts } from "@meterplace/sdk/receipts";
import { meterplace as forKit } from "@meterplace/sdk/sveltekit";

const marketplace = new Marketplace({ apiKey: "mk_live_abc123", timeout: 30_000, retries: 3, providerId: "app-1" });

export async function work(): Promise<ReportResult> {
  const session = await marketplace.sessions.create({ userId: "user_123", estimatedDuration: 3600 });
  try {
    return await marketplace.tokens.consume({ sessionId: session.id, amount: 150 });
  } catch (error) {
    if (error instanceof ApiError)
      console.log(error.code satisfies string, error.problem.requiredTokens, error.requestId);
    throw error;
  }
}

export const endpoints = (): Promise<Webhook[]> => marketplace.webhooks.list();
const gate = { marketplace, appUrl: "https://app.example/", cookieSecret: "s".repeat(32) };
export const gates = [forExpress(gate), forHono(gate), forKit(gate), forNext(gate)];
export const others = [MarketplaceSDK, quote, verifyReceipts, signWebhook];
