// A person asks an operator for help with bringing an app, and an operator answers. One open request a person.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { notify } from "../notifications/store.ts";
import { answerRequest, findRequest, hasOpenRequest, insertHelpRequest, type HelpRequest } from "./store.ts";

export const helpView = (it: HelpRequest) => ({
  id: it.id,
  providerId: it.providerId,
  message: it.message,
  createdAt: iso(it.createdAt),
  answeredAt: isoOrNull(it.answeredAt),
  answer: it.answer,
});
export type HelpView = ReturnType<typeof helpView>;

/** @throws DomainError `help_requested` while an earlier one waits for its answer. */
export async function requestHelp(
  db: D1Database,
  it: { userId: string; providerId: string | null; message: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ request: HelpView }> {
  if (await hasOpenRequest(db, it.userId)) throw alreadyRequested();
  const request = { ...it, id: newId(now), createdAt: now, answeredAt: null, answer: null };
  const answer = { request: helpView(request) };
  const [inserted] = await db.batch<{ id: string }>([
    insertHelpRequest(db, request),
    ...(await recordAnswer(db, claim, { status: 201, body: answer }, now)),
  ]);
  if (inserted!.results.length === 0) throw alreadyRequested();
  return answer;
}

/**
 * An operator's answer; the person is told. Answering twice is refused.
 * @throws DomainError `not_found`
 */
export async function answerHelp(
  db: D1Database,
  it: { id: string; operatorId: string; answer: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ request: HelpView }> {
  const request = await findRequest(db, it.id);
  if (!request || request.answeredAt !== null)
    throw new DomainError("not_found", "There is no open request with this id.");
  const answer = { request: helpView({ ...request, answeredAt: now, answer: it.answer }) };
  await db.batch([
    answerRequest(db, { ...it, at: now }),
    notify(db, {
      // Fixed, so that two operators at once tell the person once.
      id: request.id,
      userId: request.userId,
      kind: "help_answered",
      data: { answer: it.answer },
      at: now,
    }),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

const alreadyRequested = (): DomainError =>
  new DomainError("help_requested", "You have asked for help before; the answer is still to come.");
