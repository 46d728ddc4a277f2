// Each bug that is put into the code on purpose is found, within a bounded number of histories of what it is about.

import { expect, it } from "vitest";
import { PLANTED } from "./planted.ts";
import { simulate } from "./spawn.ts";

// Each is a process of its own, so as many run beside each other as vitest.config.ts says.
it.concurrent.each(PLANTED)("finds a planted bug: $name", { timeout: 300_000 }, async ({ name }) => {
  const { code, said } = await simulate("--planted", name, "--focus", "--steps", "25", "--seeds", "150", "--quick");
  expect(said).toMatch(/^seed \d+ breaks a promise/);
  expect(code).toBe(1);
});
