// Apps that wait to be shown, or whose words are flagged: the operators' endpoints.

import { call } from "./api.ts";

export interface WaitingListing {
  id: string;
  name: string;
  description: string;
  category: string;
  appUrl: string;
  /** Null after the owner's account was deleted. */
  email: string | null;
  /** `approved`: it is in the catalogue, and its words are flagged. */
  review: "pending" | "approved";
  flags: { field: string; kind: string; excerpt: string }[];
  createdAt: string;
  changedAt: string;
}

export const listWaiting = () => call<{ apps: WaitingListing[] }>("/v1/operator/onboarding", {});
/** With a reason that is kept and told to the owner. */
export const decideListing = (id: string, decision: "approved" | "rejected", reason: string) =>
  call<{ id: string }>(`/v1/operator/apps/${encodeURIComponent(id)}/decide`, {
    method: "POST",
    body: { decision, reason },
  });
