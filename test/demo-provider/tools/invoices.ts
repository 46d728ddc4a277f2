// Invoice Reader: finds number, date, account and sums in pasted invoices. Counted by the page.

import type { Tool } from "./tool.ts";

/** Pages are kept apart by a line of dashes or a form feed. */
const PAGE_BREAK = /\n\s*-{3,}\s*\n|\f/;

export const invoiceTool: Tool = {
  intro: "Paste one or more invoices; a line of dashes starts the next page. Each page is reported before it is read.",
  sample:
    "Oakfield Printing Ltd\nInvoice No. 2026-0417\nDate: 14 October 2026\nPosters A2, 40 pieces   86.00\nDelivery   9.50\nVAT 20 %   19.10\nTotal due: EUR 114.60\nIBAN DE89 3704 0044 0532 0130 00\n---\nCafé Linde\nReceipt 88213\nDate: 2026-10-15\n2 x lunch   24.80\nTotal: EUR 24.80",
  actions: [{ id: "read", label: "Read the pages" }],
  countLabel: null,
  measure: ({ text }) => ({ meter: "page", units: pagesOf(text).length }),
  perform: ({ text }) => ({
    kind: "table",
    head: ["From", "Number", "Date", "Total", "Account"],
    rows: pagesOf(text).map(readInvoice),
  }),
};

export function pagesOf(text: string): string[] {
  const pages = text
    .split(PAGE_BREAK)
    .map((page) => page.trim())
    .filter(Boolean);
  return pages.length > 0 ? pages : [""];
}

/** Sender, number, date, total, account; a dash where the page does not say. */
export function readInvoice(page: string): string[] {
  const find = (pattern: RegExp): string => page.match(pattern)?.[1]?.trim() ?? "-";
  return [
    find(/^\s*(.+)$/m),
    find(/(?:invoice|receipt|bill)\s*(?:no\.?|number|#)?[:\s]*([A-Z0-9][\w/-]*\d[\w/-]*)/i),
    find(/date[:\s]*([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[. ]+[A-Za-z0-9]+[. ]+[0-9]{4})/i),
    find(/total(?: due)?[:\s]*((?:[A-Z]{3}|[€$£])?\s*[\d.,]+)/i),
    find(/\b([A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?)\b/),
  ];
}
