// An order as its buyer keeps it: what was bought, what came off, the tax, who sold it, and the number it is filed under.
// Everything stands in the order since it was made, so an old invoice never changes with the settings.

import { iso } from "../clock.ts";
import type { Order } from "./store.ts";

export interface Seller {
  name: string;
  address: string;
  taxId: string;
  invoicePrefix: string;
}
/** Of orders from before sellers were written down. */
const FIRST_SELLER: Seller = { name: "Meterplace", address: "", taxId: "", invoicePrefix: "MP-" };

export interface Invoice {
  number: string;
  issuedAt: string;
  seller: { name: string; address: string[]; taxId: string | null };
  buyer: { email: string | null; country: string | null };
  lines: { kind: "tokens" | "discount" | "bonus"; tokens: number; amount: number }[];
  /** Before tax. */
  net: number;
  tax: number;
  total: number;
  currency: string;
}

/** Null until the order is paid. The lines that cost something add up to `net`; `net + tax = total`. */
export function invoiceOf(order: Order, email: string | null): Invoice | null {
  if (order.invoiceNumber === null || order.paidAt === null) return null;
  const seller = order.seller === null ? FIRST_SELLER : (JSON.parse(order.seller) as Seller);
  const listCents = order.listCents ?? order.amountCents;
  return {
    number: seller.invoicePrefix + String(order.invoiceNumber).padStart(6, "0"),
    issuedAt: iso(order.paidAt),
    seller: {
      name: seller.name,
      address: seller.address.split("\n").filter((line) => line.trim() !== ""),
      taxId: seller.taxId || null,
    },
    buyer: { email, country: order.buyerCountry },
    lines: [
      { kind: "tokens", tokens: order.tokens, amount: listCents },
      ...(listCents > order.amountCents
        ? [{ kind: "discount" as const, tokens: 0, amount: order.amountCents - listCents }]
        : []),
      ...(order.bonusTokens > 0 ? [{ kind: "bonus" as const, tokens: order.bonusTokens, amount: 0 }] : []),
    ],
    net: order.amountCents,
    tax: order.taxCents,
    total: order.amountCents + order.taxCents,
    currency: order.currency,
  };
}
