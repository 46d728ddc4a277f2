// What an operator typed to give tokens, as the API takes it, or which fields to look at again.

import { PURCHASE_MAX_TOKENS, TOKEN_CENTS } from "../../../domain/money.ts";
import type { GrantWish } from "./client/operator-grants.ts";

export type GrantSource = GrantWish["source"];
export type GrantField = "organisation" | "email" | "tokens" | "paid" | "expires" | "reason";
export interface GrantForm {
  source: GrantSource;
  organisation: string;
  email: string;
  tokens: number | null;
  /** In dollars, as it is typed. */
  paid: number | null;
  reference: string;
  /** A UTC day, such as "2026-11-26"; it is the last one. */
  expires: string;
  reason: string;
}

export const emptyGrant = (source: GrantSource): GrantForm => ({
  source,
  organisation: "",
  email: "",
  tokens: null,
  paid: null,
  reference: "",
  expires: "",
  reason: "",
});

/** `wish` is null while a field is wrong. Fields that do not belong to the source are left out, whatever they hold. */
export function readGrant(form: GrantForm, nowMs: number): { wish: GrantWish | null; wrong: GrantField[] } {
  const isPaid = form.source === "organisation";
  const [tokens, paidCents] = [form.tokens ?? 0, Math.round((form.paid ?? 0) * 100)];
  const expiresAt = isPaid || form.expires === "" ? null : `${form.expires}T23:59:59Z`;
  const isRight: Record<GrantField, boolean> = {
    organisation: !isPaid || form.organisation.trim() !== "",
    email: /^[^\s@]+@[^\s@]+$/.test(form.email.trim()),
    tokens: Number.isInteger(tokens) && tokens >= 1 && tokens <= PURCHASE_MAX_TOKENS,
    paid: !isPaid || (paidCents >= 1 && paidCents <= tokens * TOKEN_CENTS),
    expires: expiresAt === null || Date.parse(expiresAt) > nowMs,
    reason: form.reason.trim() !== "",
  };
  const wrong = (Object.keys(isRight) as GrantField[]).filter((field) => !isRight[field]);
  if (wrong.length > 0) return { wish: null, wrong };
  return {
    wish: {
      email: form.email.trim(),
      source: form.source,
      tokens,
      reason: form.reason.trim(),
      ...(isPaid && { organisation: form.organisation.trim(), paidCents, reference: form.reference.trim() || null }),
      ...(expiresAt && { expiresAt }),
    },
    wrong,
  };
}
