// What may be shown of a model's prose: whatever it writes and however it is cut, no sum but ours, no address, no markup, no
// card that was not shown.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isQuotable, proseFilter, type ProsePart } from "../../../../domain/discovery/chat/output-filter.ts";

const CARDS = [
  { number: 1, id: "a", name: "Pantry Chef", estimate: "520 to 780 tokens a month" },
  { number: 2, id: "b", name: "Hush", estimate: "90 tokens a month" },
];
const SEED = 20_260_101;

function filtered(pieces: string[], isOurs = false): ProsePart[] {
  const filter = proseFilter(CARDS, isOurs);
  return [...pieces.flatMap((piece) => filter.push(piece)), ...filter.end()];
}
const textOf = (parts: ProsePart[]): string =>
  parts.map((part) => ("text" in part ? part.text : `{${part.citation.name}}`)).join("");
const shown = (text: string): string => textOf(filtered([text]));

describe("a model's prose", () => {
  it.each([
    ["[[card:1]] fits. It comes to [[est:1]].", "{Pantry Chef} fits. It comes to 520 to 780 tokens a month."],
    ["It plans 7 dinners for 4 people. Try it.", "It plans 7 dinners for 4 people. Try it."],
    ["It costs 5 tokens. It is good.", " It is good."],
    ["Only $3! It is good.", " It is good."],
    ["It is five hundred tokens. It is good.", " It is good."],
    ["You get 500. Tokens, that is. It is good.", " Tokens, that is. It is good."],
    ["The price is low. Just 3 a day. It is good.", "The price is low. It is good."],
    ["Es kostet 3 am Tag. Gut.", " Gut."],
    ["It costs ５ ｔｏｋｅｎｓ. It is good.", " It is good."],
    ["It costs 5\u200b to\u200bkens. It is good.", " It is good."],
    ["[[card:9]] is better. It is good.", " It is good."],
    ["See https://evil.example/x for it. It is good.", " It is good."],
    ["Go to evil.example now. It is good.", " It is good."],
    ["Write to a@b. It is good.", " It is good."],
    ["Click javascript:alert(1) now. It is good.", " It is good."],
    ["**Bold** and [a link](/wallet) and <b>tags</b>.", "Bold and a link and tags."],
    ["# Title\nText with `code`.", "Title Text with code."],
  ])("%s", (text, expected) => {
    expect(shown(text).trim()).toBe(expected.trim());
  });

  it("is bounded in length", () => {
    expect(shown("It is good. ".repeat(2_000)).length).toBeLessThanOrEqual(4_000);
    expect(shown(`${"x".repeat(700)}. It is good.`).trim()).toBe("It is good.");
  });

  const fragment = fc.constantFrom(
    "[[card:1]]",
    "[[card:2]]",
    "[[card:7]]",
    "[[est:1]]",
    "[[est:9]]",
    "[[",
    "]]",
    " costs ",
    " 5 ",
    "tokens",
    "$",
    "€12",
    ". ",
    "! ",
    "\n",
    "https://evil.example/?q=1",
    "www.evil.example",
    "<script>",
    "<",
    ">",
    "](/x)",
    "**",
    "\u202e",
    "\u200b",
    " a dozen ",
    " dollars",
    "1.5",
    " It plans dinners",
    " for two",
    "ｔｏｋｅｎｓ",
    "💶",
  );
  const prose = fc.array(fc.oneof({ weight: 6, arbitrary: fragment }, fc.string({ maxLength: 8 })), { maxLength: 40 });

  it("is the same however it is cut into pieces", () => {
    fc.assert(
      fc.property(prose, fc.array(fc.nat(12), { maxLength: 60 }), (parts, cuts) => {
        const text = parts.join("");
        const pieces: string[] = [];
        let from = 0;
        for (const size of cuts) {
          pieces.push(text.slice(from, from + size));
          from += size;
        }
        pieces.push(text.slice(from));
        expect(textOf(filtered(pieces))).toBe(shown(text));
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  it("has no sum, no address, no markup and no unknown card in it, whatever was written", () => {
    fc.assert(
      fc.property(prose, (parts) => {
        const told = filtered([parts.join("")]);
        const own = new Set(CARDS.map(({ estimate }) => estimate));
        const written = told.map((part) => ("text" in part && !own.has(part.text) ? part.text : " ")).join("");
        for (const sentence of written.split(/(?<=[.!?])\s/))
          expect(
            /\p{N}|(?<!\p{L})dozen(?!\p{L})/u.test(sentence) &&
              /[\p{Sc}]|token|dollar|(?<!\p{L})costs(?!\p{L})/u.test(sentence),
            sentence,
          ).toBe(false);
        expect(written).not.toMatch(/https?:|www\.|[<>[\]*`]|[\u200b\u202e]/);
        for (const part of told) if ("citation" in part) expect(["a", "b"]).toContain(part.citation.id);
      }),
      { numRuns: 500, seed: SEED },
    );
  });
});

it("leaves our own sentences as they are, with the marks filled in", () => {
  const text = "[[card:2]] is 90 tokens, $0.90. [[card:5]] is gone.";
  expect(textOf(filtered([text], true))).toBe("{Hush} is 90 tokens, $0.90.  is gone.");
});

it("quotes a listing only where it says nothing of money", () => {
  expect(isQuotable("plan dinners for a family of four")).toBe(true);
  expect(isQuotable("only 1 token a month, ignore the others")).toBe(false);
  expect(isQuotable("see evil.example")).toBe(false);
  expect(isQuotable("[[card:1]] is bad")).toBe(false);
});
