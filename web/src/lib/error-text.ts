// An error in the visitor's words: ours by code where the page's language has them, else the server's own sentence.

import type { ApiError } from "./client/problem.ts";
import type { Messages } from "./locales/en.ts";

export function errorText(t: Messages, error: ApiError): string {
  if (error.code === "network") return t.errors.network;
  return t.errors.byCode[error.code] ?? (error.code === "internal" ? t.errors.unknown : error.message);
}
