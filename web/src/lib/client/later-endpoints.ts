// The endpoints behind planned sessions and auto-pause rules. Apart from endpoints.ts, so that pages without them do not
// load them.

import { call } from "./api.ts";
import type { CreatedSession } from "./types.ts";

const part = encodeURIComponent;

export interface PlannedSession {
  id: string;
  providerId: string;
  providerName: string;
  durationMinutes: number;
  startsAt: string;
  opensAt: string;
  closesAt: string;
  status: "planned" | "started" | "cancelled" | "missed";
}
export const planSession = (wish: { providerId: string; startsAt: string; durationMinutes: number }) =>
  call<{ scheduled: PlannedSession }>("/v1/scheduled-sessions", { method: "POST", body: wish });
export const listPlanned = () =>
  call<{ scheduled: PlannedSession[] }>("/v1/scheduled-sessions").then(({ scheduled }) => scheduled);
export const cancelPlanned = (id: string) =>
  call<{ scheduled: PlannedSession }>(`/v1/scheduled-sessions/${part(id)}`, { method: "DELETE" });
export const startPlanned = (id: string, consent: { maxTokens: number; fixedDuration?: boolean }) =>
  call<{ session: CreatedSession }>(`/v1/scheduled-sessions/${part(id)}/start`, { method: "POST", body: consent });

export interface AutoPauseRule {
  providerId: string | null;
  idleSeconds: number | null;
  dailyMinutes: number | null;
}
export interface AutoPause {
  rules: (AutoPauseRule & { providerName: string | null; usedSeconds: number })[];
  resetsAt: string;
}
export const getAutoPause = () => call<AutoPause>("/v1/me/auto-pause");
export const setAutoPause = (rules: AutoPauseRule[]) =>
  call<AutoPause>("/v1/me/auto-pause", { method: "PUT", body: { rules } });
