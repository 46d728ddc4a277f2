// What the chat shows of an app: what is known of it, and what it would cost. Made of catalogue rows and the pricing engine
// alone, before any prose.

import { cardOf } from "../../catalogue/app.ts";
import { DURATION_MAX_SECONDS, DURATION_MIN_SECONDS } from "../../../sdk/src/protocol/session.ts";
import { TOKEN_CENTS } from "../../money.ts";
import { againstBudget, monthlyEstimate, mostAnHour, type BudgetVerdict, type Estimate } from "./estimate.ts";
import type { SearchHit } from "../search.ts";
import type { Slots, Use } from "./slots.ts";

export type ChatCard = ReturnType<typeof cardOf> & {
  /** What people call it by: "the second one". */
  number: number;
  score: number;
  why: SearchHit["why"];
  nearest: string | null;
  estimate: Estimate | null;
  /** What the price box would hold for an hour: no session of an hour costs more. */
  mostAnHour: { tokens: number; cents: number };
  budget: BudgetVerdict;
  /** Its page with the price box, where a session starts. */
  path: string;
};

export function chatCard(
  hit: Pick<SearchHit, "app" | "score" | "why" | "nearest">,
  number: number,
  slots: Slots,
): ChatCard {
  const { app } = hit;
  const estimate = monthlyEstimate(app.components, slots.use);
  const most = mostAnHour(app.components);
  return {
    ...cardOf(app),
    number,
    score: hit.score,
    why: hit.why,
    nearest: hit.nearest,
    estimate,
    mostAnHour: { tokens: most, cents: most * TOKEN_CENTS },
    budget: againstBudget(app, estimate, slots.budget),
    path: `/apps/${app.id}?minutes=${sessionMinutes(slots.use)}`,
  };
}

/** What cards are compared by where somebody asks for a cheaper one: the month where both have it, else the most an hour. */
export function isCheaper(one: ChatCard, other: ChatCard): boolean {
  const month = [one, other].map(({ estimate }) => (estimate?.basis === "use" ? estimate.highTokens : null));
  return month[0] !== null && month[1] !== null
    ? month[0]! < month[1]!
    : one.mostAnHour.tokens < other.mostAnHour.tokens;
}

/** How long the price box is opened for. */
function sessionMinutes(use: Use | null): number {
  const told = use?.kind === "time" ? use.minutes?.max : undefined;
  const minutes = Math.ceil(told ?? 60);
  return Math.min(Math.max(minutes, DURATION_MIN_SECONDS / 60), DURATION_MAX_SECONDS / 60);
}
