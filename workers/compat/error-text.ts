// Error texts of the /api face: the brief's own words where it has them (product brief, "Common Error Responses"), the
// problem's detail everywhere else.

import type { ErrorCode } from "../../domain/errors.ts";

const BRIEF_TEXT: Partial<Record<ErrorCode, string>> = {
  invalid_token_amount: "Token amount must be between 100 and 100,000",
  unauthenticated: "Invalid or expired token",
  session_expired: "SESSION_EXPIRED",
  provider_not_found: "Provider not found",
  email_taken: "Email already registered",
};

export function apiErrorText(code: ErrorCode, detail: string, path: string): string {
  if (code === "internal" && path.startsWith("/api/sessions/create")) return "Failed to create session";
  return BRIEF_TEXT[code] ?? detail;
}
