// The small works of the demo apps: same input, same output, and right.

import { describe, expect, it } from "vitest";
import { pagesOf, readInvoice } from "./invoices.ts";
import { storyboardTool } from "./storyboard.ts";
import { subtitleTool } from "./subtitles.ts";
import { keywordsOf, sentencesOf, summaryOf } from "./text.ts";
import { rephrase, writingTool } from "./writing.ts";

const ask = (text: string, action = "work") => ({ action, text, count: 1, workId: "w" });

describe("text", () => {
  it("finds sentences, the words that carry them, and the sentences that carry the text", () => {
    const text = "Bees dance. The dance tells other bees where flowers are! Nobody knows why I like tea.";
    expect(sentencesOf(text)).toHaveLength(3);
    expect(keywordsOf(text, 2)).toEqual(["bees", "dance"]);
    expect(summaryOf(text, 1)).toBe("The dance tells other bees where flowers are!");
  });

  it("says nothing of nothing", () => {
    expect(summaryOf("", 3)).toBe("");
    expect(keywordsOf("  \n", 3)).toEqual([]);
  });
});

it("rephrases with fewer words", () => {
  expect(rephrase("We utilize this in order to win. It is important to note that it works.")).toBe(
    "We use this to win. It works.",
  );
});

it("outlines paragraph by paragraph and counts the words", () => {
  const result = writingTool.perform(ask("Cats sleep. Cats eat.\n\nDogs run.", "outline"));
  expect(result).toEqual({
    kind: "text",
    text: "1. Cats, sleep, eat\n   - Cats sleep\n   - Cats eat\n2. Dogs, run\n   - Dogs run\n\n6 words, 3 sentences, about 1 min to read.",
  });
});

it("reads invoices, page by page", () => {
  const pages = pagesOf(
    "Oak Ltd\nInvoice No. 2026-04\nDate: 14 October 2026\nTotal due: EUR 114.60\n---\nLinde\nTotal: 5",
  );
  expect(pages.map(readInvoice)).toEqual([
    ["Oak Ltd", "2026-04", "14 October 2026", "EUR 114.60", "-"],
    ["Linde", "-", "-", "5", "-"],
  ]);
});

it("draws the same scene for the same paragraph, and never writes the person's text into the drawing", () => {
  const draw = () => storyboardTool.perform(ask("A <script>alert(1)</script> walks in."));
  expect(draw()).toEqual(draw());
  expect(JSON.stringify(draw())).not.toContain("<script");
});

it("cuts subtitles that follow each other without a gap, at 150 words a minute", () => {
  const request = ask(Array.from({ length: 150 }, (_, index) => `word${index}`).join(" ") + ".");
  expect(subtitleTool.measure(request)).toEqual({ meter: "video_minute", units: 1 });
  const result = subtitleTool.perform(request);
  const times = result.kind === "text" ? [...result.text.matchAll(/(\S+) --> (\S+)/g)] : [];
  expect(times[0]![1]).toBe("00:00:00,000");
  expect(times.at(-1)![2]).toBe("00:01:00,000");
  expect(times.slice(1).every((time, index) => time[1] === times[index]![2])).toBe(true);
});
