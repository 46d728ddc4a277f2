// Test controls of Connect: what a provider does on Stripe's page, what Stripe decides about an account, a transfer that
// comes back, and an empty balance of ours.

import { Hono } from "hono";
import type { AccountStage } from "./connect-objects.ts";
import { moveAccount, reverseTransfer, setBalance } from "./connect.ts";
import { invalidRequest } from "./errors.ts";
import type { World } from "./world.ts";

const STAGES: readonly AccountStage[] = ["new", "complete", "restricted"];

export function connectControls(world: World): Hono {
  const dev = new Hono();

  /**
   * `{"stage": "new" | "complete" | "restricted"}`: as if the person, or Stripe, had done what leads there. With
   * `bank: "000123456789"` it is paid out to that account; without, to one of its own.
   */
  dev.post("/accounts/:id/stage", async (c) => {
    const { stage, bank } = await c.req.json<{ stage: unknown; bank?: string }>();
    const known = STAGES.find((one) => one === stage);
    if (!known) throw invalidRequest(`stage must be one of ${STAGES.join(", ")}`, { param: "stage" });
    return c.json(moveAccount(world, c.req.param("id"), known, bank));
  });
  /** `{"amount": 100}` in cents; without it all of it comes back. */
  dev.post("/transfers/:id/reverse", async (c) => {
    const { amount } = await c.req.json<{ amount?: number }>();
    return c.json(reverseTransfer(world, c.req.param("id"), typeof amount === "number" ? { amount } : {}));
  });
  /** `{"cents": 0}`: what our balance holds from now on; `null` is as much as anybody needs, as at the start. */
  dev.post("/balance", async (c) => {
    const { cents } = await c.req.json<{ cents: number | null }>();
    setBalance(world, cents);
    return c.json({ cents });
  });
  return dev;
}
