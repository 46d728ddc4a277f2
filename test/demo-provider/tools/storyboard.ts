// Storyboard Studio: a paragraph becomes a drawn scene. Counted by the hour and by the scene.

import { keywordsOf, paragraphsOf, wordsOf } from "./text.ts";
import type { Tool } from "./tool.ts";

const SHOTS = ["Wide shot", "Medium shot", "Close-up", "Over the shoulder", "From above", "Tracking shot"];
const SCENES_MAX = 12;

export const storyboardTool: Tool = {
  intro: "One paragraph is one scene. Each drawn scene is reported before it is drawn.",
  sample:
    "Morning. A baker opens the shutters of a small shop; steam fills the street.\n\nA girl on a bicycle stops and counts her coins.\n\nThe baker gives her two rolls and takes one coin.",
  actions: [{ id: "draw", label: "Draw the scenes" }],
  countLabel: null,
  measure: ({ text }) => ({ meter: "scene", units: Math.max(1, scenesOf(text).length) }),
  perform: ({ text }) => ({
    kind: "scenes",
    scenes: scenesOf(text).map((paragraph) => ({
      title: keywordsOf(paragraph, 3).join(", ") || "scene",
      shot: SHOTS[seedOf(paragraph) % SHOTS.length]!,
      drawing: draw(seedOf(paragraph), wordsOf(paragraph).length),
    })),
  }),
};

const scenesOf = (text: string): string[] => paragraphsOf(text).slice(0, SCENES_MAX);

/** FNV-1a: the same paragraph is always drawn the same way. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return hash;
}

/** A pencil sketch as SVG: horizon, sun, and as many figures as the paragraph is long. Holds no text of the user. */
function draw(seed: number, wordCount: number): string {
  const horizon = 70 + (seed % 40);
  const sun = { x: 30 + ((seed >>> 8) % 260), y: 18 + ((seed >>> 16) % 30) };
  const figures = Array.from({ length: Math.min(5, 1 + Math.floor(wordCount / 8)) }, (_, index) => {
    const x = 40 + ((seed >>> (index * 3)) % 60) + index * 48;
    const height = 26 + ((seed >>> (index * 5)) % 18);
    const foot = horizon + 34;
    return `<circle cx="${x}" cy="${foot - height}" r="7"/><path d="M${x} ${foot - height + 7}v${height - 20}l-7 13m7-13 7 13m-16-${Math.round(height / 2)}h18"/>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" fill="none" stroke="#1d1b17" stroke-width="2" stroke-linecap="round">` +
    `<rect width="320" height="180" fill="#fdfbf6" stroke="none"/><circle cx="${sun.x}" cy="${sun.y}" r="12" fill="#ffcd1c"/>` +
    `<path d="M0 ${horizon}q80 -${seed % 26} 160 0t160 0"/>${figures.join("")}</svg>`
  );
}
