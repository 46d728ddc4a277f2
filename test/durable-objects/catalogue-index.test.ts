// The index is built anew while an answer of D1 is still on its way to it.

import { env, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { CatalogueIndex } from "../../durable-objects/catalogue-index.ts";
import { anApp } from "../support/market.ts";

/** D1, whose answers about apps arrive only after `gate`. `onHeld` hears that one is there. */
function answeringLate(gate: Promise<void>, onHeld: () => void): D1Database {
  const late = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get: (target, name) => {
        if (name === "bind") return (...values: unknown[]) => late(target.bind(...values));
        return async (...options: []) => {
          const answer: unknown = await target[name as "all"](...options);
          onHeld();
          await gate;
          return answer;
        };
      },
    });
  return new Proxy(env.DB, {
    get: (target, name) => {
      if (name !== "prepare") return target[name as "batch"].bind(target);
      return (sql: string) => (/from "?providers/i.test(sql) ? late(target.prepare(sql)) : target.prepare(sql));
    },
  });
}

it("takes nothing in that was read before it was built anew", async () => {
  await anApp();
  const state = await runInDurableObject(env.CATALOGUE.getByName("late"), async (_object, context) => {
    let open = (): void => undefined;
    let isHeld = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const held = new Promise<void>((resolve) => (isHeld = resolve));
    const index = new CatalogueIndex(context, { ...env, DB: answeringLate(gate, () => isHeld()) });
    const reading = index.withoutVector("none", 1);
    await held;
    // As if the app had never been: what is built from now on has no change to follow.
    await env.DB.prepare("DELETE FROM catalogue_changes").run();
    const rebuilt = index.rebuild("none");
    open();
    await reading;
    return rebuilt;
  });
  expect(state.apps).toBe(0);
});
