// What the product is called. A white-label build replaces this file.

export const BRAND = {
  name: "Meterplace",
  summary: "One balance of tokens, many apps, and a meter that stops when you do.",
} as const;
