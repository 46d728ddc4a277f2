// Whatever sessions write into the books, of any number of sessions at once, in one D1 batch: a call to D1 costs far more
// than a row in it. The ledger's writer gathers the operations (durable-objects/ledger-writer.ts).

import type { BatchPart } from "../ledger/batch-part.ts";
import { reportsPart, type ReportRequest, type ReportVerdict } from "./report-store.ts";
import type { Session } from "./row.ts";
import {
  closingsPart,
  creationsPart,
  startsPart,
  type CloseOperation,
  type Closed,
  type CreateOperation,
  type RedeemOperation,
} from "./store.ts";

/** Each kind's operation and what it is answered. In this order they run: what is used before the end counts. */
export interface Writes {
  create: { operation: CreateOperation; answer: boolean };
  start: { operation: RedeemOperation; answer: Session | null };
  report: { operation: ReportRequest; answer: ReportVerdict[] };
  close: { operation: CloseOperation; answer: Closed };
}
export type WriteKind = keyof Writes;
export type Write = { [Kind in WriteKind]: { kind: Kind; operation: Writes[Kind]["operation"] } }[WriteKind];

const PARTS: {
  [Kind in WriteKind]: (db: D1Database, operations: Writes[Kind]["operation"][]) => BatchPart<Writes[Kind]["answer"]>;
} = { create: creationsPart, start: startsPart, report: reportsPart, close: closingsPart };

/**
 * Commit the writes in one transaction. One that may not be is left out and its neighbours live; asked again, each is
 * answered by what is in the books by then.
 * @returns each one's answer, in order.
 */
export async function commitTogether(db: D1Database, writes: readonly Write[]): Promise<Writes[WriteKind]["answer"][]> {
  const parts = (Object.keys(PARTS) as WriteKind[]).flatMap((kind) => partOf(db, kind, writes));
  const results = await db.batch(parts.flatMap(({ part }) => part.statements));
  const answers: Writes[WriteKind]["answer"][] = [];
  let at = 0;
  for (const { part, places } of parts) {
    const own = results.slice(at, (at += part.statements.length));
    for (const [index, answer] of part.answers(own).entries()) answers[places[index]!] = answer;
  }
  return answers;
}

/** The writes of one kind, and where each stands among all; [] when there are none. */
function partOf<Kind extends WriteKind>(db: D1Database, kind: Kind, writes: readonly Write[]) {
  const places = writes.flatMap((write, place) => (write.kind === kind ? [place] : []));
  if (places.length === 0) return [];
  const operations = places.map((place) => writes[place]!.operation as Writes[Kind]["operation"]);
  return [{ places, part: PARTS[kind](db, operations) }];
}
