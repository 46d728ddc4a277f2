// Test controls: what a person, a bank or bad luck would do, without a browser. `POST /_dev/checkout/<cs>/pay` is part of
// the local contract; the rest serves this project's own tests.

import { Hono } from "hono";
import { readBody } from "./body.ts";
import {
  answerChallenge,
  challengeUrl,
  expireSession,
  payByCard,
  payLater,
  payNothing,
  type PayResult,
  settleLater,
  successUrl,
} from "./checkout.ts";
import { applyCode } from "./discounts.ts";
import { disputeControls } from "./disputes.ts";
import { connectControls } from "./connect-dev.ts";
import { invalidRequest, StripeRefusal } from "./errors.ts";
import { FAULT_KINDS, type Faults } from "./faults.ts";
import { createRefund, failRefund } from "./refunds.ts";
import { findSession } from "./checkout.ts";
import { bankControls } from "./bank.ts";
import { payInvoice } from "./off-session.ts";
import { renewalControls } from "./subscriptions.ts";
import type { Deliveries } from "./webhooks.ts";
import type { World } from "./world.ts";

export function devControls(world: World, deliveries: Deliveries, faults: Faults): Hono {
  const dev = new Hono();

  /** `{"card": "4242424242424242"}`, or `{"method": "us_bank_account"}` for money that comes later. A 3-D Secure card
   * takes `"authenticate": true | false` to end its challenge at once. `"country": "DE"` is where the buyer says they are,
   * on a page that works out tax, and `"promotionCode": "SPRING"` what they type where codes are taken. Where nothing is
   * left to pay, no card is needed. */
  dev.post("/checkout/:id/pay", async (c) => {
    const body = await readBody(c);
    const id = c.req.param("id");
    const country = typeof body.country === "string" ? body.country : undefined;
    const code =
      typeof body.promotionCode === "string" ? applyCode(world, findSession(world, id), body.promotionCode) : null;
    if (code?.ok === false) throw invalidRequest(code.message, { param: "promotionCode" });
    const first = payBy(world, id, body, country);
    const result =
      first.kind === "challenge" && typeof body.authenticate === "boolean"
        ? answerChallenge(world, id, body.authenticate)
        : first;
    switch (result.kind) {
      case "paid":
      case "processing":
        return c.json({ status: result.kind, redirectUrl: successUrl(result.session), session: result.session });
      case "challenge":
        return c.json({ status: "requires_action", challengeUrl: challengeUrl(world, id) });
      case "declined":
        throw new StripeRefusal(402, {
          type: "card_error",
          code: result.code,
          message: result.message,
          ...(result.declineCode && { decline_code: result.declineCode }),
        });
    }
  });

  /** The bank's answer days later: `{"outcome": "succeeded" | "failed"}`. */
  dev.post("/checkout/:id/settle", async (c) =>
    c.json(settleLater(world, c.req.param("id"), (await readBody(c)).outcome !== "failed")),
  );
  dev.post("/checkout/:id/expire", (c) => c.json(expireSession(world, c.req.param("id"))));

  /** `{"checkout": "cs_..."}` or `{"payment_intent": "pi_..."}`, `amount` in cents (default: all), `status: "pending"`. */
  dev.post("/refund", async (c) => {
    const body = await readBody(c);
    const intent = body.checkout ? findSession(world, String(body.checkout)).payment_intent : body.payment_intent;
    const amount = typeof body.amount === "number" ? { amount: body.amount } : {};
    return c.json(
      createRefund(
        world,
        { payment_intent: String(intent), ...amount },
        body.status === "pending" ? "pending" : "succeeded",
      ),
    );
  });
  dev.post("/refund/:id/fail", (c) => c.json(failRefund(world, c.req.param("id"))));

  dev.route("/dispute", disputeControls(world));
  dev.route("/bank", bankControls(world));
  dev.route("/renew", renewalControls(world, payInvoice));

  dev.post("/hold", (c) => {
    deliveries.hold();
    return c.json({ held: true });
  });
  dev.post("/release", async (c) =>
    c.json({ delivered: await deliveries.release(c.req.query("order") === "reverse" ? "reverse" : "created") }),
  );
  dev.post("/replay/:event", async (c) =>
    c.json({ statuses: await deliveries.replay(c.req.param("event"), Number(c.req.query("times") ?? 1)) }),
  );

  /** `{"kind": "network" | "lost_answer" | "hang" | "rate_limit" | "server_error", "count": 1, "path": "/v1/refunds"}`. */
  dev.post("/fail-next", async (c) => {
    const { kind, count = 1, path } = await readBody(c);
    const known = FAULT_KINDS.find((one) => one === kind);
    if (!known) throw invalidRequest(`kind must be one of ${FAULT_KINDS.join(", ")}`, { param: "kind" });
    faults.plan({ kind: known, count: Number(count), ...(typeof path === "string" && { path }) });
    return c.json({ planned: known });
  });

  dev.route("/", connectControls(world));

  dev.get("/state", (c) =>
    c.json({
      held: deliveries.held,
      undelivered: world.state.all("note.delivery"),
      checkouts: world.state.all("checkout.session"),
      refunds: world.state.all("refund"),
      events: world.state.all("event").map(({ id, type, created }) => ({ id, type, created })),
    }),
  );
  return dev;
}

function payBy(world: World, id: string, body: Record<string, unknown>, country: string | undefined): PayResult {
  if (body.method === "us_bank_account") return payLater(world, id, country);
  const session = findSession(world, id);
  if (body.card === undefined && session.amount_total === 0 && session.mode === "payment") return payNothing(world, id);
  return payByCard(world, id, { number: String(body.card ?? "") }, country);
}
