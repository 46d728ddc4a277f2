// Where the routes find the writer of the database. Apart from the object itself, so that the routes can be read (for the
// OpenAPI document) outside workerd.

import type { Env } from "./env.ts";

/** There is one writer per database; today there is one database. */
export const ledgerWriter = (env: Env) => env.LEDGER.getByName("main");
