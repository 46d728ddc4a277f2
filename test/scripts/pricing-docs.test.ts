// docs/pricing.md explains each model with a worked example; none of them may be wrong.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { formatAmount } from "../../domain/pricing/decimal.ts";
import { charge } from "../../domain/pricing/charge.ts";
import { holdFor } from "../../domain/pricing/hold.ts";
import { parsePricing } from "../../domain/pricing/parse-pricing.ts";
import { priceOf, useOf } from "../../domain/pricing/price-of.ts";
import { PRICE_MODELS, readPrice, type Price } from "../../domain/pricing/price.ts";

const pages = readFileSync(join(import.meta.dirname, "../../docs/pricing.md"), "utf8");

interface Example {
  price: Price;
  use: { units?: string; events?: { amount: string }[] };
  amount: string;
}
const blocks = <Content>(kind: string): Content[] =>
  [...pages.matchAll(new RegExp(`\`\`\`json ${kind}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    (match) => JSON.parse(match[1]!) as Content,
  );

it("gives each model an example that comes out as printed", () => {
  const examples = blocks<Example>("example");
  expect(examples.map(({ price }) => price.model).sort()).toEqual([...PRICE_MODELS].sort());
  for (const { price, use, amount } of examples) {
    expect(formatAmount(priceOf(readPrice(price, "price", []), useOf(use)))).toBe(amount);
  }
});

it("settles the worked session as the text says", () => {
  const components = parsePricing(blocks("pricing")[0]);
  const hold = holdFor(components, 3600);
  const { usedTokens, lines } = charge(components, { activeSeconds: 1200, unitsMicro: { scene: 3_000_000 } }, hold);
  expect(hold.heldTokens).toBe(350);
  expect(usedTokens).toBe(108);
  expect(lines.map((line) => line.amount)).toEqual(["99.9999999999", "7.5"]);
  expect(pages).toContain("107.4999999999");
});
