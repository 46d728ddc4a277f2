// Subtitle Mill: spreads a spoken text over time as SubRip subtitles. Counted by the minute of video, in tiers.

import { sentencesOf, wordsOf } from "./text.ts";
import type { Tool } from "./tool.ts";

const WORDS_PER_MINUTE = 150;
const CUE_WORDS_MAX = 9;

export const subtitleTool: Tool = {
  intro: "Paste what is said. 150 words are a minute of video; the minutes are reported before the subtitles are cut.",
  sample:
    "Welcome back to the workshop. Today we build a bird house from one old board. You need a saw, twelve screws and half an hour. Measure twice, cut once, and keep the entrance small. That is all the birds ask for.",
  actions: [{ id: "cut", label: "Cut the subtitles" }],
  countLabel: null,
  measure: ({ text }) => ({ meter: "video_minute", units: minutesOf(text) }),
  perform: ({ text }) => ({ kind: "text", text: subtitlesOf(text) }),
};

/** Minutes with one decimal, never less than a tenth. */
const minutesOf = (text: string): number => Math.max(1, Math.ceil((wordsOf(text).length * 10) / WORDS_PER_MINUTE)) / 10;

function subtitlesOf(text: string): string {
  let atMs = 0;
  const cues = sentencesOf(text).flatMap(cut);
  return cues
    .map((cue, index) => {
      const from = atMs;
      atMs += Math.round((wordsOf(cue).length * 60_000) / WORDS_PER_MINUTE);
      return `${index + 1}\n${timeCode(from)} --> ${timeCode(atMs)}\n${cue}\n`;
    })
    .join("\n");
}

function cut(sentence: string): string[] {
  const words = sentence.split(" ");
  const count = Math.ceil(words.length / CUE_WORDS_MAX);
  const size = Math.ceil(words.length / count);
  return Array.from({ length: count }, (_, index) => words.slice(index * size, (index + 1) * size).join(" "));
}

const timeCode = (ms: number): string => new Date(ms).toISOString().slice(11, 23).replace(".", ",");
