// What the operators' page of the books asks the API.

import { call } from "./api.ts";

export interface BooksCheck {
  name: string;
  says: string;
  findings: number;
  rows: { row: string; expected: number; found: number }[];
}
export interface BooksReport {
  at: string;
  findings: number;
  checks: BooksCheck[];
  days: { day: string; stripeCents: number; booksCents: number; inTransitCents: number }[];
  stripe: { through: string | null; isStale: boolean; inTransitCents: number };
}
export interface BooksAlert {
  id: string;
  title: string;
  rows: Record<string, unknown>[];
  rowCount: number;
  firstAt: string;
  lastAt: string;
}

export const getBooks = () => call<{ report: BooksReport | null }>("/v1/operator/books");
export const checkBooks = () => call<{ report: BooksReport }>("/v1/operator/books/check", { method: "POST", body: {} });
export const listOpenAlerts = () => call<{ alerts: BooksAlert[] }>("/v1/operator/alerts");
export const acknowledgeAlert = (id: string, reason: string) =>
  call<unknown>(`/v1/operator/alerts/${encodeURIComponent(id)}/acknowledge`, { method: "POST", body: { reason } });
