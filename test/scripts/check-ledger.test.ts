// `npm run check-ledger` on a local state: a table and an exit code for people and machines.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import { run } from "../../scripts/run.ts";
import { ROOT } from "../../scripts/start/settings.ts";

const stateDir = mkdtempSync(join(tmpdir(), "books-"));
afterAll(() => rmSync(stateDir, { recursive: true }));
const check = (dir = stateDir) => run("node", ["scripts/check-ledger.ts"], { env: { STATE_DIR: dir } });

it("says that the books are sound, names what is not, and says when it cannot look", { timeout: 60_000 }, async () => {
  expect(await check()).toMatchObject({ code: 2, output: expect.stringContaining("There is no local database") });
  const folder = join(stateDir, "state", "v3", "d1", "miniflare-D1DatabaseObject");
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, "books.sqlite"));
  for (const name of readdirSync(join(ROOT, "migrations")).toSorted())
    database.exec(readFileSync(join(ROOT, "migrations", name), "utf8"));
  database.exec(`INSERT INTO wallets (id, created_at) VALUES ('w', 1);
    INSERT INTO issuances (id, lot_id, wallet_id, kind, source, tokens, paid_cents, received_in, priority, at)
      VALUES ('purchase:a', 'l', 'w', 'paid', 'purchase', 100, 90, 'bank', 50, 1)`);
  expect(await check()).toMatchObject({ code: 0, output: expect.stringContaining("The books are sound.") });
  database.exec("UPDATE accounts SET credits = credits + 1 WHERE id = 'expired'");
  const damaged = await check();
  expect(damaged.code).toBe(1);
  expect(damaged.output).toMatch(/FAIL {2}account credits rebuilt \(1\)\n +expired: should be 0, is 1/);
  database.close();
});
