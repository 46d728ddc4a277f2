import { expect, it } from "vitest";
import { piecesOf } from "../../web/src/lib/highlight.ts";

const marked = (text: string, found: string[]) =>
  piecesOf(text, found)
    .map((piece) => (piece.isFound ? `[${piece.text}]` : piece.text))
    .join("");

it.each([
  ["Writes cover letters.", ["letter"], "Writes cover [letters]."],
  ["Cut a Video, quickly", ["video", "cut"], "[Cut] a [Video], quickly"],
  ["An art of its own", ["art"], "An [art] of its own"],
  ["Articles on art", ["art"], "Articles on [art]"],
  ["Übersetzt Briefe", ["übersetzt"], "[Übersetzt] Briefe"],
  ["<b>bold</b> letter", ["letter"], "<b>bold</b> [letter]"],
  ["Nothing here", [], "Nothing here"],
])("marks in %j what was found of %j", (text, found, expected) => {
  expect(marked(text, found)).toBe(expected);
  expect(
    piecesOf(text, found)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});
