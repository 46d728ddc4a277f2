// An operator lets an app into the catalogue, or does not, or looks at flagged words of one that is in it. In production every
// new app, every new origin and every text meant for machines waits for this; locally none does.

import { openFlagsOf } from "../catalogue/flag-store.ts";
import { findApp } from "../catalogue/store.ts";
import { forgetCatalogue } from "../catalogue/listing.ts";
import { forgetProvider } from "../catalogue/load-for-session.ts";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { notify } from "../notifications/store.ts";
import { decideApp } from "./store.ts";

/**
 * Decide about an app that waits or is flagged; its owner is told, with the reason, unless nothing changes for them.
 * @throws DomainError `provider_not_found` when no such app waits.
 */
export async function decideAboutApp(
  db: D1Database,
  it: { providerId: string; decision: "approved" | "rejected"; reason: string; operatorId: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ id: string; review: "approved" | "rejected" }> {
  const app = await findApp(db, it.providerId);
  const waits = app && (app.review === "pending" || (await openFlagsOf(db, [app.id])).length > 0);
  if (!waits) throw new DomainError("provider_not_found", "No app with this id waits for a decision.");
  const answer = { id: app.id, review: it.decision };
  await db.batch([
    ...decideApp(db, { ...it, id: newId(now), at: now }),
    ...(app.review === it.decision
      ? []
      : [
          notify(db, {
            userId: app.ownerUserId,
            kind: it.decision === "approved" ? "app_approved" : "app_rejected",
            data: { providerId: app.id, providerName: app.name, reason: it.reason },
            at: now,
          }),
        ]),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ]);
  forgetCatalogue();
  forgetProvider(app.id);
  return answer;
}
