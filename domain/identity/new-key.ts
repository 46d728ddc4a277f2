// A key as it is made: what is stored of it, and what its owner sees once.

import type { KeyScope } from "./key-scopes.ts";

export type KeyMode = "live" | "test";

export interface NewApiKey {
  id: string;
  mode: KeyMode;
  /** The key itself, `mk_live_...` or `mk_test_...`: goes to its owner once and nowhere else. */
  key: string;
  hash: string;
  /** Its first characters, for telling keys apart in a list. */
  prefix: string;
  /** What its owner calls it. */
  name?: string;
  /** Absent: everything. */
  scopes?: readonly KeyScope[] | null;
}
