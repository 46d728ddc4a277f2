// Where routes and objects find the writer of the database. Apart from the object itself, so that the routes can be read (for
// the OpenAPI document) outside workerd.

import type { Write, WriteKind, Writes } from "../domain/sessions/commit-together.ts";
import type { Env } from "./env.ts";

/** How one kind of write is asked for; each is answered once it is in the books or was left out. */
export type WriteThrough = {
  [Kind in WriteKind]: (operation: Writes[Kind]["operation"]) => Promise<Writes[Kind]["answer"]>;
};

/** There is one writer per database; today there is one database. */
export function ledgerWriter(env: Env): WriteThrough {
  // A write is answered by its own kind (domain/sessions/commit-together.ts), which its type over RPC cannot say.
  const through = <Kind extends WriteKind>(kind: Kind, operation: Writes[Kind]["operation"]) =>
    env.LEDGER.getByName("main").write({ kind, operation } as Write) as Promise<Writes[Kind]["answer"]>;
  return {
    create: (operation) => through("create", operation),
    start: (operation) => through("start", operation),
    report: (operation) => through("report", operation),
    close: (operation) => through("close", operation),
  };
}
