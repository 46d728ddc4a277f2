// docs/errors.md, from the same entries as the page /docs/errors.

import { ERROR_STATUS, type ErrorCode } from "../../sdk/src/protocol/errors.ts";
import { ERROR_GUIDE } from "../../workers/docs/error-guide.ts";
import { ERRORS_INTRODUCTION } from "../../workers/docs/errors-page.ts";

export function errorsMarkdown(): string {
  const entries = (Object.entries(ERROR_STATUS) as [ErrorCode, number][]).map(([code, status]) => {
    const { happened, tokens, next } = ERROR_GUIDE[code];
    return `## ${code}\n\nHTTP ${status}. ${happened}\n\n**Your tokens.** ${tokens}\n\n**What to do.** ${next}\n`;
  });
  return [
    "# Errors",
    "",
    "Written by `node scripts/write-docs.ts` from `workers/docs/error-guide.ts`; the API shows the same at `/docs/errors`.",
    "",
    ERRORS_INTRODUCTION,
    "",
    ...entries,
  ].join("\n");
}
