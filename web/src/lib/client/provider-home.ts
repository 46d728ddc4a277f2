// The endpoints of a provider's home: one app, its page, its keys, its figures, its sandbox, and help.

import { call } from "./api.ts";
import type { NewProvider } from "./endpoints.ts";
import type { OwnedProvider, RegisteredProvider } from "./types.ts";

const part = encodeURIComponent;
const appPath = (id: string): string => `/v1/provider/apps/${part(id)}`;

export interface Listing {
  name: string;
  description: string;
  category: string;
  tags: string[];
  useCases: string[];
  appUrl: string;
  logoUrl: string;
  dataReceived: string[];
  refundTerms: string | null;
  fixedDuration: boolean;
}
export const getOwnApp = (id: string) =>
  call<{ provider: OwnedProvider }>(appPath(id)).then((answer) => answer.provider);
export const changeListing = (id: string, listing: Partial<Listing>) =>
  call<{ provider: OwnedProvider }>(`${appPath(id)}/listing`, { method: "PATCH", body: listing }).then(
    (answer) => answer.provider,
  );
/** Closed until its owner opens it. */
export const registerClosed = (body: NewProvider & Pick<Listing, "dataReceived" | "refundTerms">) =>
  call<RegisteredProvider>("/v1/provider/register", { method: "POST", body: { ...body, status: "inactive" } });

export const KEY_SCOPES = ["sessions", "usage", "webhooks", "earnings"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];
export type KeyMode = "live" | "test";
export interface ApiKey {
  id: string;
  name: string;
  mode: KeyMode;
  prefix: string;
  scopes: KeyScope[] | null;
  createdAt: string;
  lastUsedAt: string | null;
  worksUntil: string | null;
  isWorking: boolean;
  replacedBy: string | null;
}
export interface MadeKey {
  key: ApiKey;
  /** Shown once. */
  secret: string;
}
export const listKeys = (id: string) => call<{ keys: ApiKey[] }>(`${appPath(id)}/keys`).then((answer) => answer.keys);
export const makeKey = (id: string, body: { name: string; mode: KeyMode; scopes: KeyScope[] | null }) =>
  call<MadeKey>(`${appPath(id)}/keys`, { method: "POST", body });
export const rotateKey = (keyId: string, overlapHours: number) =>
  call<MadeKey & { replaced: ApiKey }>(`/v1/provider/keys/${part(keyId)}/rotate`, {
    method: "POST",
    body: { overlapHours },
  });
export const revokeKey = (keyId: string) =>
  call<{ key: ApiKey }>(`/v1/provider/keys/${part(keyId)}/revoke`, { method: "POST" });

export interface Conversion {
  views: number;
  created: number;
  started: number;
  finished: number;
  abandoned: number;
  failed: number;
  neverStarted: number;
  open: number;
  people: number | null;
}
export interface AnalyticsDay {
  date: string;
  views: number;
  started: number;
  finished: number;
  activeSeconds: number;
  grossTokens: number;
  netTokens: number;
}
export interface Cohort {
  week: string;
  people: number | null;
  weeks: (number | null)[];
}
export interface Analytics {
  peopleMin: number;
  conversion: Conversion;
  before: Conversion;
  days: AnalyticsDay[];
  meters: { meter: string; sessions: number; units: number }[];
  retention: Cohort[];
  errors: { what: "report" | "launch"; code: string; count: number; lastAt: string }[];
}
export const getAnalytics = (id: string, days: number) =>
  call<Analytics>(`${appPath(id)}/analytics`, { query: { days } });

export interface Availability {
  availability: {
    state: "unchecked" | "reachable" | "suspect" | "unreachable" | "never_answered";
    checkedAt: string | null;
    lastAnsweredAt: string | null;
    error: string | null;
    unreachableSince: string | null;
  };
  outages: { from: string; until: string | null; error: string | null; sessionsEnded: number }[];
}
export const getAvailability = (id: string) => call<Availability>(`${appPath(id)}/availability`);

export interface SandboxState {
  heard: { launch: boolean; beat: boolean };
  session: { status: string; activeSeconds: number };
}
const sandboxOf = (providerId: string) => ({ providerId, mode: "test" });
export const makeSandboxSession = (providerId: string) =>
  call<{ session: { id: string; redirectUrl: string } }>("/v1/provider/sandbox/sessions", {
    method: "POST",
    query: sandboxOf(providerId),
    body: { durationMinutes: 30 },
  }).then((answer) => answer.session);
export const getSandboxSession = (providerId: string, id: string) =>
  call<SandboxState>(`/v1/provider/sandbox/sessions/${part(id)}`, { query: sandboxOf(providerId) });

export interface HelpRequest {
  id: string;
  message: string;
  createdAt: string;
  answeredAt: string | null;
  answer: string | null;
}
export const listHelp = () => call<{ requests: HelpRequest[] }>("/v1/provider/help").then((answer) => answer.requests);
export const askForHelp = (message: string, providerId: string | null) =>
  call<{ request: HelpRequest }>("/v1/provider/help", { method: "POST", body: { message, providerId } });
