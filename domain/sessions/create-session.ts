// Starting a session: hold the most it can cost and make the link into the app. One D1 batch writes the session, its hold,
// its event and its idempotency record; two starts at once can never both hold the same tokens.

import { DURATION_MAX_SECONDS, DURATION_MIN_SECONDS, LAUNCH_SECONDS } from "../../sdk/src/protocol/session.ts";
import { forgetProvider, loadForSession, type ProviderForSession } from "../catalogue/load-for-session.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { idempotencyRow, type IdempotencyClaim } from "../idempotency.ts";
import { newId, randomSecret } from "../ids.ts";
import { termsFor } from "../catalogue/terms.ts";
import { findBrokenLimit } from "../spending/limits.ts";
import { findSpentDay } from "./auto-pause.ts";
import { accountBlocked, findBlock } from "../trust/block-store.ts";
import { holdAndCaps } from "./bill.ts";
import { acceptQuote } from "./provider-quote.ts";
import { sessionEvent } from "./events.ts";
import { readObstacle, subjectFor, type CreateOperation, type Subject } from "./store.ts";
import { launchUrl, type TokenEnv } from "./tokens.ts";

export interface CreateSessionInput {
  mode: "live" | "test";
  /** Who pays; in test mode nobody does and these are the provider's own. */
  userId: string;
  walletId: string;
  providerId: string;
  durationSeconds: number;
  autoExtendSeconds: number;
  tags: string[];
  /** What the person was shown as the most: holding more is refused, however the price moved meanwhile. */
  maxTokens?: number | null;
  /** What they were shown to be included in their plan: covering less is refused. */
  includedTokens?: number | null;
  /** The person agrees to pay for the whole duration, as apps without a meter in their page ask (`fixedDuration`). */
  fixedDuration?: boolean;
  /** The plan this start fulfils (schedule.ts). */
  scheduleId?: string | null;
  /** The provider's signed quote for a price it sets itself (provider-quote.ts). */
  providerQuote?: string | null;
  claim: IdempotencyClaim | null;
}

export interface CreatedSession {
  session: {
    id: string;
    providerId: string;
    providerName: string;
    status: "pending";
    mode: "live" | "test";
    durationSeconds: number;
    durationMinutes: number;
    tokensAllocated: number;
    feeBasisPoints: number;
    priceVersionId: string;
    /** Active seconds at the start that cost nothing. */
    trialSeconds: number;
    fixedDuration: boolean;
    redirectUrl: string;
    launchDeadline: string;
    createdAt: string;
  };
}

type CreateEnv = TokenEnv & { DB: D1Database };
/** Commits one creation; the ledger's writer groups what comes at once. @returns whether the session is in the books. */
export type WriteSession = (operation: CreateOperation) => Promise<boolean>;

/**
 * Hold the tokens and answer with the redirect into the app. Idempotent by `claim`.
 * @throws DomainError `provider_not_found`, `provider_unavailable`, `duration_out_of_range`, `insufficient_tokens`
 *   (with `requiredTokens`, `balanceTokens`, `purchaseUrl`), `provider_quote_invalid`, `provider_quote_used`, `spend_limit_reached` (with `limit`, `resetsAt`), `account_blocked`,
 *   `fixed_duration` where that was not agreed to, `daily_limit_reached`, `price_changed` when the price moved under a stale quote, or more than `maxTokens` would have to be held.
 */
export async function createSession(
  env: CreateEnv,
  write: WriteSession,
  input: CreateSessionInput,
  now: Millis,
): Promise<CreatedSession> {
  if (input.durationSeconds < DURATION_MIN_SECONDS || input.durationSeconds > DURATION_MAX_SECONDS)
    throw new DomainError(
      "duration_out_of_range",
      "A session lasts from 5 to 180 minutes. Choose a duration in that range.",
    );
  const provider = await loadForSession(env.DB, input.providerId, now);
  if (!provider) throw new DomainError("provider_not_found", "There is no such app in the catalogue.");
  assertStartable(provider, input.mode);
  assertAgreed(provider, input);

  const known = await pairwiseSubject(env.DB, input.userId, provider.id, now);
  const customer = input.mode === "live" ? { userId: input.userId, ...known } : null;
  const offered = await termsFor(env.DB, provider, customer, now);
  if (!offered) throw new DomainError("provider_unavailable", `${provider.name} has no price yet; nothing was held.`);
  const { offer } = offered;
  known.hasUsedTrial ||= offered.hasUsedTrial;
  const signed = { providerId: provider.id, subject: known.subject, components: offered.terms.components };
  const quote = input.providerQuote ? await acceptQuote(env, input.providerQuote, signed, now) : null;
  const terms = quote ? { ...offered.terms, components: quote.components } : offered.terms;
  const { heldTokens, caps } = holdAndCaps(terms, input.durationSeconds);
  if (typeof input.maxTokens === "number" && heldTokens > input.maxTokens) throw priceChanged({ heldTokens });
  const session: CreateOperation["session"] = {
    id: newId(now),
    mode: input.mode,
    userId: input.userId,
    walletId: input.walletId,
    subject: known.subject,
    providerId: provider.id,
    providerName: provider.name,
    appUrl: provider.appUrl,
    priceVersionId: offer.version.id,
    ...terms,
    experimentId: offer.experiment?.id ?? null,
    quoteId: quote?.id ?? null,
    quote: quote?.token ?? null,
    // Owners earn nothing payable on their own apps (contract section 2).
    payable: provider.ownerUserId !== input.userId,
    fixedDuration: provider.fixedDuration,
    scheduleId: input.scheduleId ?? null,
    status: "pending",
    durationSeconds: input.durationSeconds,
    autoExtendSeconds: input.autoExtendSeconds,
    heldTokens,
    promisedTokens: input.includedTokens ?? null,
    tags: input.tags,
    state: randomSecret(16),
    jti: newId(now),
    launchDeadline: now + LAUNCH_SECONDS * 1000,
    createdAt: now,
  };
  const answer: CreatedSession = {
    session: {
      id: session.id,
      providerId: provider.id,
      providerName: provider.name,
      status: "pending",
      mode: input.mode,
      durationSeconds: input.durationSeconds,
      durationMinutes: input.durationSeconds / 60,
      tokensAllocated: heldTokens,
      feeBasisPoints: terms.feeBasisPoints,
      priceVersionId: offer.version.id,
      trialSeconds: terms.trialSeconds,
      fixedDuration: provider.fixedDuration,
      redirectUrl: await launchUrl(env, session),
      launchDeadline: new Date(session.launchDeadline).toISOString(),
      createdAt: new Date(now).toISOString(),
    },
  };
  const isCreated = await write({
    session,
    caps,
    idempotency: input.claim && (await idempotencyRow(input.claim, { status: 200, body: answer }, now)),
    events: [sessionEvent("session.created", session, now, { tokensAllocated: heldTokens })],
  });
  if (!isCreated) throw await whyNotCreated(env, session, now);
  return answer;
}

function assertStartable(provider: ProviderForSession, mode: "live" | "test"): void {
  if (mode === "test") return;
  if (provider.review !== "approved")
    throw new DomainError("provider_not_found", "There is no such app in the catalogue.");
  if (provider.unreachableSince !== null) throw notReachable(provider.name);
  if (provider.status === "active") return;
  throw new DomainError(
    "provider_unavailable",
    `${provider.name} cannot be started right now; nothing was held. Try another app or come back later.`,
  );
}

const notReachable = (name: string): DomainError =>
  new DomainError(
    "provider_unavailable",
    `${name} cannot be reached at the moment; nothing was held. We look every half minute whether it answers again.`,
    { reason: "not_reachable" },
  );

/** Time nobody attests is paid only by those who agreed to pay for all of it; in the sandbox nobody pays. */
function assertAgreed(provider: ProviderForSession, input: CreateSessionInput): void {
  if (!provider.fixedDuration || input.fixedDuration || input.mode === "test") return;
  throw new DomainError(
    "fixed_duration",
    `${provider.name} charges a fixed duration: all of the time, also if you leave earlier. Agree to that with fixedDuration: true; nothing was held.`,
  );
}

async function whyNotCreated(env: CreateEnv, session: CreateOperation["session"], now: Millis): Promise<DomainError> {
  const obstacle = await readObstacle(env.DB, session, now);
  const balanceTokens = obstacle.available ?? 0;
  forgetProvider(session.providerId);
  if (session.mode === "live" && obstacle.unreachable > 0) return notReachable(session.providerName);
  if (obstacle.status !== "active" || obstacle.review !== "approved")
    return new DomainError(
      "provider_unavailable",
      `${session.providerName} cannot be started right now; nothing was held.`,
    );
  const block = session.mode === "live" && (await findBlock(env.DB, session.walletId));
  if (block) return accountBlocked(block.reason);
  if (obstacle.quoteUsed > 0)
    return new DomainError(
      "provider_quote_used",
      "A session was made with this quote before; nothing was held. Ask the app for another.",
    );
  const provider = await loadForSession(env.DB, session.providerId, now);
  const customer = session.mode === "live" ? { userId: session.userId } : null;
  const today = provider && (await termsFor(env.DB, provider, customer, now));
  if (today?.offer.version.id !== session.priceVersionId || today.terms.trialSeconds !== session.trialSeconds)
    return priceChanged();
  const includedTokens = session.mode === "live" ? Math.min(session.heldTokens, obstacle.planTokens) : 0;
  if (includedTokens < (session.promisedTokens ?? 0)) return priceChanged({ includedTokens });
  const requiredTokens = session.heldTokens - includedTokens;
  const brokenLimit =
    session.mode === "live" && (await findBrokenLimit(env.DB, { ...session, tokens: requiredTokens }, now));
  if (brokenLimit) return brokenLimit;
  const spentDay = session.mode === "live" && (await findSpentDay(env.DB, session, now));
  if (spentDay) return spentDay;
  if (session.mode === "live" && balanceTokens < requiredTokens)
    return new DomainError(
      "insufficient_tokens",
      `This session needs ${requiredTokens} tokens; the balance is ${balanceTokens}. Buy tokens or choose a shorter duration.`,
      {
        requiredTokens,
        balanceTokens,
        purchaseUrl: `${env.WEB_ORIGIN}/wallet?need=${requiredTokens - balanceTokens}`,
      },
    );
  // What stood in the way is gone again (or this key was used before, which the caller's replay finds).
  return new DomainError(
    "session_changed",
    "Something changed while the session was being made; nothing was held. Start it again.",
  );
}

const priceChanged = (facts: Record<string, unknown> = {}): DomainError =>
  new DomainError(
    "price_changed",
    "The price of this app has just changed; nothing was held. Look at the new price and start again.",
    facts,
  );

/** Subjects never change, so an isolate may remember them; bounded, because isolates live long. */
const SUBJECTS_REMEMBERED = 10_000;
type KnownSubject = Subject & {
  /** Their free minutes are used up: no look is needed any more. */
  hasUsedTrial?: boolean;
};
const subjects = new Map<string, KnownSubject>();

async function pairwiseSubject(db: D1Database, userId: string, providerId: string, now: Millis): Promise<KnownSubject> {
  const pair = `${userId} ${providerId}`;
  const known = subjects.get(pair);
  if (known) return known;
  const subject = await subjectFor(db, { userId, providerId }, crypto.randomUUID(), now);
  if (subjects.size >= SUBJECTS_REMEMBERED) subjects.clear();
  subjects.set(pair, subject);
  return subject;
}
