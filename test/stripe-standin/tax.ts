// Stripe Tax as far as this page plays it: one flat rate a country, on top of the price, once the buyer has said where they
// are. Real rates depend on place, product and registration; these are only meant to be different and easy to check.

import type Stripe from "stripe";
import type { World } from "./world.ts";

type Session = Stripe.Checkout.Session;

/** In basis points. A country that is not here is one where nothing is owed. */
export const TAX_BASIS_POINTS: Readonly<Record<string, number>> = {
  DE: 1_900,
  FR: 2_000,
  HU: 2_700,
  GB: 2_000,
  US: 725,
};
export const COUNTRY_UNLESS_SAID = "US";

/** The session with its tax for a buyer in this country; unchanged where no tax is worked out. */
export function taxed(world: World, session: Session, country = COUNTRY_UNLESS_SAID): Session {
  if (!session.automatic_tax.enabled) return session;
  const note = world.state.find("note.checkout", session.id)!;
  const rate = TAX_BASIS_POINTS[country] ?? 0;
  // Stripe rounds each line (docs.stripe.com/tax/calculating); half a cent goes up.
  const lineItems = note.lineItems.map((item) => {
    const net = item.amount_subtotal - item.amount_discount;
    const tax = Math.round((net * rate) / 10_000);
    return { ...item, amount_tax: tax, amount_total: net + tax };
  });
  const amountTax = lineItems.reduce((sum, item) => sum + item.amount_tax, 0);
  world.state.put("note.checkout", { ...note, lineItems });
  world.state.put("note.country", { id: session.id, country });
  return world.state.put("checkout.session", {
    ...session,
    amount_total: session.amount_subtotal! - session.total_details!.amount_discount + amountTax,
    automatic_tax: { ...session.automatic_tax, status: "complete" },
    collected_information: null,
    total_details: { ...session.total_details!, amount_tax: amountTax },
  });
}

/** Where the buyer said they are; null on a page that did not ask. */
export function addressIn(world: World, session: Session): Stripe.Address | null {
  const country = world.state.find("note.country", session.id)?.country;
  return country
    ? { city: "Test City", country, line1: "1 Test Street", line2: null, postal_code: "12345", state: null }
    : null;
}
