// What the driver asks of an implementation: requests to send and readers of their answers. The scenarios know no path.

import { createHmac, timingSafeEqual } from "node:crypto";
import type { ApiRequest } from "./client.ts";

export interface LoadUser {
  id: string;
  token: string;
}
export interface LoadApp {
  id: string;
  apiKey: string;
}
export interface LoadSession {
  id: string;
  allocated: number;
  /** The launch token of the redirect. */
  jwt: string;
  /** The page's own token, where starting gives one. */
  token?: string;
}
export interface UsageEvent {
  session: LoadSession;
  amount: number;
  key: string;
}
export type WebhookHeaders = Record<string, string | string[] | undefined>;
/** Sends a request that must succeed and gives its parsed answer. */
export type Must = (request: ApiRequest) => Promise<unknown>;

export interface Adapter {
  register: (email: string, password: string) => ApiRequest;
  login: (email: string, password: string) => ApiRequest;
  readUser: (answer: unknown) => LoadUser;
  /** Buys tokens and resolves when they are there. */
  fund: (must: Must, user: LoadUser, tokens: number) => Promise<void>;
  registerApp: (owner: LoadUser, app: { name: string; tokensHeldPerHour: number }) => ApiRequest;
  readApp: (answer: unknown) => LoadApp;
  registerWebhook: (app: LoadApp, url: string, events: string[]) => ApiRequest;
  readWebhook: (answer: unknown) => { id: string; secret: string };
  verifyWebhook: (headers: WebhookHeaders, body: string, secret: string) => boolean;
  readEvent: (headers: WebhookHeaders, event: unknown) => { id: string; type: string; at: number };
  catalogue: () => ApiRequest;
  balance: (user: LoadUser) => ApiRequest;
  readBalance: (answer: unknown) => number;
  transactions: (user: LoadUser, limit: number, offset: number) => ApiRequest;
  readTransactions: (answer: unknown) => number[];
  createSession: (user: LoadUser, app: LoadApp, minutes: number) => ApiRequest;
  readSession: (answer: unknown) => LoadSession;
  startSession: (session: LoadSession) => ApiRequest;
  readStart: (answer: unknown) => Pick<LoadSession, "token">;
  heartbeat: (session: LoadSession) => ApiRequest;
  report: (app: LoadApp, event: UsageEvent) => ApiRequest;
  reportBatch: (app: LoadApp, events: UsageEvent[]) => ApiRequest;
  /** Whether each event was taken now. */
  readBatch: (answer: unknown) => boolean[];
  complete: (user: LoadUser, session: LoadSession, app: LoadApp) => ApiRequest;
  readComplete: (answer: unknown) => { consumed: number; refunded: number };
  /** Its own client for apps' servers, where there is one: reports an event, and resolves when it was taken, now or before. */
  client?: (origin: string, app: LoadApp) => (event: UsageEvent) => Promise<void>;
  /** The page's live socket, where there is one. */
  socket?: (session: LoadSession) => { path: string; protocols: string[]; headers: Record<string, string> };
}

/**
 * Standard Webhooks 1.0.0, checked as a receiver would.
 * @param secret `whsec_` and base64.
 */
export function isSigned(headers: WebhookHeaders, body: string, secret: string): boolean {
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) =>
    String(headers[`webhook-${name}`]),
  );
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const wanted = Buffer.from(`v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`);
  return signatures!.split(" ").some((text) => {
    const given = Buffer.from(text);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}
