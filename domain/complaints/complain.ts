// "Report a problem" on a receipt: the person says what went wrong, and reads the answer in the same place.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { readOwnSession } from "../sessions/read-session.ts";
import { complaintsOfSession, insertComplaint, type Complaint, type ComplaintCategory } from "./store.ts";

/** As long as a card payment can be disputed at most banks: nobody should have to go there instead. */
export const COMPLAINT_WITHIN_MS = 120 * 24 * 60 * 60 * 1000;
/** Asked, answered, and asked again twice. */
export const COMPLAINTS_PER_SESSION_MAX = 3;
export const COMPLAINT_TEXT_MAX_LENGTH = 2_000;

export interface ComplaintView {
  id: string;
  sessionId: string;
  category: ComplaintCategory;
  text: string;
  status: Complaint["status"];
  createdAt: string;
  decidedAt: string | null;
  /** What an operator answered. */
  answer: string | null;
  /** Tokens that came back by it. */
  returnedTokens: number;
  /** They went on to the card. */
  isRefunded: boolean;
}
export const complaintView = (it: Complaint): ComplaintView => ({
  id: it.id,
  sessionId: it.sessionId,
  category: it.category,
  text: it.text,
  status: it.status,
  createdAt: iso(it.createdAt),
  decidedAt: isoOrNull(it.decidedAt),
  answer: it.answer,
  returnedTokens: it.reversedTokens,
  isRefunded: it.refundRequestId !== null,
});

/** What this person reported about a session, oldest first. @throws DomainError `session_not_found` */
export async function ownComplaints(
  db: D1Database,
  it: { sessionId: string; userId: string },
): Promise<ComplaintView[]> {
  await readOwnSession(db, it.sessionId, it.userId);
  return (await complaintsOfSession(db, it.sessionId)).map(complaintView);
}

/**
 * Report a problem with a settled session. Idempotent by `claim`.
 * @throws DomainError `session_not_found`; `complaint_not_possible` (not settled, nothing charged, too old, too many);
 *   `complaint_exists` while one of this session waits for its answer.
 */
export async function reportProblem(
  db: D1Database,
  it: {
    sessionId: string;
    userId: string;
    category: ComplaintCategory;
    text: string;
    claim: IdempotencyClaim | null;
  },
  now: Millis,
): Promise<{ problem: ComplaintView }> {
  const { session } = await readOwnSession(db, it.sessionId, it.userId);
  const earlier = await complaintsOfSession(db, it.sessionId);
  if (session.settledAt === null || session.mode !== "live")
    throw notPossible("This session is not over yet. End it first; then its receipt takes your report.");
  if (now - session.settledAt > COMPLAINT_WITHIN_MS)
    throw notPossible("This session is too long ago to be reported here. Write to us instead.");
  if (earlier.some(({ status }) => status === "open")) throw alreadyOpen();
  if (earlier.length >= COMPLAINTS_PER_SESSION_MAX)
    throw notPossible("This session was reported and answered several times. Write to us instead.");
  const complaint = {
    id: newId(now),
    sessionId: session.id,
    userId: it.userId,
    providerId: session.providerId,
    category: it.category,
    text: it.text,
    createdAt: now,
  };
  const answer = {
    problem: {
      id: complaint.id,
      sessionId: session.id,
      category: it.category,
      text: it.text,
      status: "open" as const,
      createdAt: iso(now),
      decidedAt: null,
      answer: null,
      returnedTokens: 0,
      isRefunded: false,
    },
  };
  try {
    await db.batch([
      insertComplaint(db, complaint),
      ...(await recordAnswer(db, it.claim, { status: 200, body: answer }, now)),
    ]);
  } catch (error) {
    throw /complaints\.session_id/.test(String((error as Error)?.message)) ? alreadyOpen() : error;
  }
  return answer;
}

const notPossible = (text: string) => new DomainError("complaint_not_possible", text);
const alreadyOpen = () =>
  new DomainError("complaint_exists", "You have reported this session already; the answer will stand on its receipt.");
