// The endpoints of monthly plans, apart from endpoints.ts so that pages without them do not load them.

import { call } from "./api.ts";

export interface Plan {
  id: string;
  name: string;
  monthCents: number;
  includedTokens: number;
  feeBasisPoints: number;
}
export interface Subscription {
  id: string;
  providerId: string;
  providerName: string;
  planId: string;
  planName: string;
  monthCents: number;
  status: "open" | "active" | "past_due" | "ended";
  leftTokens: number;
  termUntil: string | null;
  cancelAtPeriodEnd: boolean;
}
export const listPlans = (providerId: string) =>
  call<{ plans: Plan[] }>(`/v1/providers/${encodeURIComponent(providerId)}/plans`, { signIn: "none" }).then(
    (answer) => answer.plans,
  );
export const listSubscriptions = () =>
  call<{ subscriptions: Subscription[] }>("/v1/subscriptions").then((answer) => answer.subscriptions);
/** Asking reconciles one that was just paid. */
export const getSubscription = (id: string) => call<unknown>(`/v1/subscriptions/${encodeURIComponent(id)}`);
export const subscribe = (planId: string) =>
  call<{ checkoutUrl: string }>("/v1/subscriptions", { method: "POST", body: { planId } });
export const setPlanEnd = (id: string, verb: "end" | "keep") =>
  call<unknown>(`/v1/subscriptions/${encodeURIComponent(id)}/${verb}`, { method: "POST", body: {} });
export const offerPlan = (providerId: string, body: { name: string; monthCents: number; includedTokens: number }) =>
  call<{ plan: Plan }>(`/v1/provider/apps/${encodeURIComponent(providerId)}/plans`, { method: "POST", body });
export const retirePlan = (planId: string) =>
  call<unknown>(`/v1/provider/plans/${encodeURIComponent(planId)}/retire`, { method: "POST" });
