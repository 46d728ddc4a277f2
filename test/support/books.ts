// The books of a stopped stack, read from its D1 file with the same checks the marketplace runs on itself.

import { DatabaseSync } from "node:sqlite";
import { findDiscrepancies, type Finding } from "../../domain/ledger/store.ts";
import { databaseFile } from "./aged-state.ts";

/** Every broken promise of the books; empty when they are sound. The stack must not be running. */
export async function brokenPromises(stateDir: string): Promise<Finding[]> {
  const file = new DatabaseSync(databaseFile(stateDir), { readOnly: true });
  try {
    return await findDiscrepancies(asD1(file));
  } finally {
    file.close();
  }
}

/** As much of D1 as the checks use: prepared reads in one batch. */
function asD1(file: DatabaseSync): D1Database {
  const reads = {
    prepare: (sql: string) => ({ sql }),
    batch: async (statements: { sql: string }[]) => statements.map(({ sql }) => ({ results: file.prepare(sql).all() })),
  };
  return reads as unknown as D1Database;
}
