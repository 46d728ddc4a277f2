// Disputed slices: what the person and the provider see and can do, and how often an app's reports agree with pages.

import { call } from "./api.ts";
import type { Accuracy, Slice, SliceStatus } from "./slice.ts";

const part = encodeURIComponent;

const step = (sessionId: string, what: string, body?: unknown) =>
  call<{ slice: Slice }>(`/v1/sessions/${part(sessionId)}/slice/${what}`, { method: "POST", body }).then(
    (answer) => answer.slice,
  );
export const acceptSlice = (sessionId: string) => step(sessionId, "accept");
export const contestSlice = (sessionId: string, text: string) => step(sessionId, "contest", { text });

export const listOwnSlices = (providerId: string) =>
  call<{ slices: Slice[] }>("/v1/provider/slices", { query: { providerId, limit: 50 } }).then(
    (answer) => answer.slices,
  );
export const showEvidence = (
  providerId: string,
  sessionId: string,
  body: { records: { idempotencyKey: string; detail: string }[]; note?: string },
) =>
  call<{ slice: Slice }>(`/v1/provider/slices/${part(sessionId)}/evidence`, {
    method: "POST",
    body,
    query: { providerId },
  }).then((answer) => answer.slice);
export const listContested = (status: SliceStatus) =>
  call<{ slices: Slice[] }>("/v1/operator/slices", { query: { status, limit: 100 } }).then((answer) => answer.slices);
export const decideSlice = (sessionId: string, body: { decision: "provider" | "person"; reason: string }) =>
  call<{ slice: Slice }>(`/v1/operator/slices/${part(sessionId)}/decide`, { method: "POST", body }).then(
    (answer) => answer.slice,
  );

export const getAccuracy = (providerId: string) =>
  call<{ accuracy: Accuracy }>(`/v1/providers/${part(providerId)}/accuracy`, { signIn: "none" }).then(
    (answer) => answer.accuracy,
  );
