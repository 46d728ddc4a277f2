// The hosted payment page, in place of checkout.stripe.com. Server-rendered, no script; takes test cards only, and says
// on every screen that no money moves.

import { Hono, type Context } from "hono";
import { html, raw } from "hono/html";
import type Stripe from "stripe";
import type { CardField } from "./cards.ts";
import {
  answerChallenge,
  challengeUrl,
  findSession,
  payByCard,
  payNothing,
  payUrl,
  successUrl,
  type PayResult,
} from "./checkout.ts";
import { appliedTo, applyCode } from "./discounts.ts";
import { STYLE } from "./style.ts";
import { COUNTRY_UNLESS_SAID, TAX_BASIS_POINTS } from "./tax.ts";
import type { World } from "./world.ts";

type Session = Stripe.Checkout.Session;
type Html = ReturnType<typeof html>;
interface Trouble {
  field: CardField | "promotionCode";
  message: string;
  /** The code as it was typed. */
  typed?: string;
}

export function hostedPage(world: World): Hono {
  const page = new Hono();

  page.get("/:id", (c) => showSession(c, world, findSession(world, c.req.param("id"))));

  page.post("/:id", async (c) => {
    const session = findSession(world, c.req.param("id"));
    if (session.status !== "open") return showSession(c, world, session);
    const form = await c.req.parseBody();
    const typed = (name: string) => String(form[name] ?? "");
    if (form.action === "apply" || form.action === "remove") {
      const applied = applyCode(world, session, form.action === "apply" ? typed("promotionCode") : "");
      if (applied.ok) return c.redirect(payUrl(world, session.id), 303);
      const trouble = { field: "promotionCode" as const, message: applied.message, typed: typed("promotionCode") };
      return send(c, session, "Pay", cardScreen(world, session, "", trouble), 402);
    }
    if (session.amount_total === 0 && session.mode === "payment")
      return afterPaying(c, world, session, payNothing(world, session.id), "");
    const card = { number: typed("number"), expiry: typed("expiry"), cvc: typed("cvc"), name: typed("name") };
    const result = payByCard(world, session.id, card, typed("country") || undefined);
    return afterPaying(c, world, session, result, typed("name"));
  });

  page.get("/:id/challenge", (c) => {
    const session = findSession(world, c.req.param("id"));
    if (session.status !== "open" || !world.state.find("note.challenge", session.id))
      return showSession(c, world, session);
    return send(c, session, "Confirm it is you", challengeScreen(session));
  });

  page.post("/:id/challenge", async (c) => {
    const session = findSession(world, c.req.param("id"));
    if (session.status !== "open" || !world.state.find("note.challenge", session.id))
      return showSession(c, world, session);
    const form = await c.req.parseBody();
    return afterPaying(c, world, session, answerChallenge(world, session.id, form.result === "complete"), "");
  });
  return page;
}

function afterPaying(
  c: Context,
  world: World,
  session: Session,
  result: PayResult,
  name: string,
): Response | Promise<Response> {
  switch (result.kind) {
    case "paid":
    case "processing":
      return c.redirect(successUrl(result.session), 303);
    case "challenge":
      return c.redirect(challengeUrl(world, session.id), 303);
    case "declined":
      return send(c, session, "Pay", cardScreen(world, session, name, result), 402);
  }
}

function showSession(c: Context, world: World, session: Session): Response | Promise<Response> {
  if (session.status === "open") return send(c, session, "Pay", cardScreen(world, session, "", null));
  if (session.status === "complete")
    return send(
      c,
      session,
      "Already paid",
      html`<h1>This payment is complete</h1>
        <p>Nothing more is charged.</p>
        <p><a href="${successUrl(session)}">Continue</a></p>`,
    );
  return send(
    c,
    session,
    "Expired",
    html`<h1>This payment page has expired</h1>
      <p>Nothing was charged. Go back and start the purchase again.</p>
      ${session.cancel_url ? html`<p><a href="${session.cancel_url}">Go back</a></p>` : ""}`,
    410,
  );
}

function cardScreen(world: World, session: Session, name: string, trouble: Trouble | null): Html {
  const off = session.total_details?.amount_discount ?? 0;
  const amount = money({ ...session, amount_total: session.amount_subtotal! - off });
  const isFree = session.amount_total === 0 && session.mode === "payment";
  const note = world.state.find("note.checkout", session.id);
  const line = note?.lineItems[0];
  const product = line && world.state.find("product", String(line.price?.product));
  return html`<h1><span class="item">${line?.description ?? "Payment"}</span> <span class="figure">${amount}</span></h1>
    ${product?.description ? html`<p>${product.description}</p>` : ""}
    ${trouble ? html`<p class="trouble" role="alert" id="trouble"><strong>${trouble.field === "promotionCode" ? "Not applied." : "Not paid."}</strong> ${trouble.message}</p>` : ""}
    ${off > 0 ? discountLine(world, session, off) : session.allow_promotion_codes ? codeForm(world, session, trouble) : ""}
    <form method="post" action="${payUrl(world, session.id)}" novalidate>
      ${isFree ? "" : cardFields(world, session, name, trouble)}
      <button type="submit">Pay ${amount}${session.automatic_tax.enabled ? " and tax" : ""}</button>
    </form>
    ${session.cancel_url ? html`<p><a href="${session.cancel_url}">Cancel and go back</a></p>` : ""}
    <details>
      <summary>Test cards</summary>
      <dl>
        <dt>4242 4242 4242 4242</dt>
        <dd>is paid</dd>
        <dt>4000 0025 0000 3155</dt>
        <dd>asks for 3-D Secure</dd>
        <dt>4000 0000 0000 0002</dt>
        <dd>is declined</dd>
        <dt>4000 0000 0000 9995</dt>
        <dd>has too little money</dd>
      </dl>
      <p>Any future date, any security code.</p>
    </details>`;
}

const cardFields = (world: World, session: Session, name: string, trouble: Trouble | null): Html => {
  const note = world.state.find("note.checkout", session.id);
  return html`${field("number", "Card number", trouble, { autocomplete: "cc-number", inputmode: "numeric", placeholder: "4242 4242 4242 4242" })}
    <div class="pair">
      ${field("expiry", "Expiry date", trouble, { autocomplete: "cc-exp", inputmode: "numeric", placeholder: "MM / YY" })}
      ${field("cvc", "Security code", trouble, { autocomplete: "cc-csc", inputmode: "numeric", placeholder: "CVC" })}
    </div>
    ${field("name", "Name on card", trouble, { autocomplete: "cc-name", value: name })}
    ${session.automatic_tax.enabled ? countryField(world, session) : ""}
    ${note?.setupFutureUsage ? html`<p>By paying you allow this card to be kept and charged for future payments.</p>` : ""}`;
};

/** A form of its own, so that Enter in a card field never applies a code. */
const codeForm = (world: World, session: Session, trouble: Trouble | null): Html =>
  html`<form method="post" action="${payUrl(world, session.id)}" novalidate>
    ${field("promotionCode", "Promotion code", trouble, { autocomplete: "off", value: trouble?.typed ?? "" })}
    <button type="submit" name="action" value="apply" class="quiet">Apply</button>
  </form>`;

function discountLine(world: World, session: Session, off: number): Html {
  const { coupon, promotionCode } = appliedTo(world, session)!;
  const full = { ...session, amount_total: session.amount_subtotal };
  return html`<p>
      ${money(full)} less ${money({ ...session, amount_total: off })}
      (${promotionCode?.code ?? coupon.name ?? coupon.id})
    </p>
    ${
      session.allow_promotion_codes
        ? html`<form method="post" action="${payUrl(world, session.id)}">
            <button type="submit" name="action" value="remove" class="quiet">Remove the code</button>
          </form>`
        : ""
    }`;
}

function countryField(world: World, session: Session): Html {
  const said = world.state.find("note.country", session.id)?.country ?? COUNTRY_UNLESS_SAID;
  const options = Object.entries(TAX_BASIS_POINTS).map(
    ([country, rate]) =>
      html`<option value="${country}" ${country === said ? "selected" : ""}>${country} (tax ${rate / 100} %)</option>`,
  );
  return html`<p class="field">
    <label for="country">Country</label>
    <select id="country" name="country">
      ${options}
    </select>
  </p>`;
}

function field(
  name: CardField | "promotionCode",
  label: string,
  trouble: Trouble | null,
  attributes: { autocomplete: string; inputmode?: string; placeholder?: string; value?: string },
): Html {
  const wrong = trouble?.field === name;
  const extra = Object.entries(attributes).map(([key, value]) => html` ${raw(key)}="${value}"`);
  return html`<p class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      required
      ${extra}
      ${wrong ? raw('aria-invalid="true" aria-describedby="trouble"') : ""}
    />
  </p>`;
}

function challengeScreen(session: Session): Html {
  return html`<h1>Confirm it is you</h1>
    <p>
      Your bank asks before <strong>${money(session)}</strong> is paid. This is a 3-D Secure test page: choose what the
      bank's check says.
    </p>
    <form method="post">
      <button type="submit" name="result" value="complete">Complete authentication</button>
      <button type="submit" name="result" value="fail" class="quiet">Fail authentication</button>
    </form>`;
}

function send(
  c: Context,
  session: Session,
  title: string,
  main: Html,
  status: 200 | 402 | 410 = 200,
): Response | Promise<Response> {
  // After a form is sent, browsers hold redirects to form-action too, so the way back to the shop must be named.
  const back = [session.success_url, session.cancel_url].flatMap((url) =>
    url ? [new URL(url.replace("{CHECKOUT_SESSION_ID}", "id")).origin] : [],
  );
  c.header(
    "Content-Security-Policy",
    `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${[...new Set(back)].join(" ")}; base-uri 'none'; frame-ancestors 'none'`,
  );
  c.header("Referrer-Policy", "no-referrer");
  c.header("Cache-Control", "no-store");
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title} (local test)</title>
          <style>
            ${raw(STYLE)}
          </style>
        </head>
        <body>
          <header class="notice">Local test payment page. No money moves.</header>
          <main>${main}</main>
        </body>
      </html>`,
    status,
  );
}

const money = (session: Session): string =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: session.currency ?? "usd" }).format(
    (session.amount_total ?? 0) / 100,
  );
