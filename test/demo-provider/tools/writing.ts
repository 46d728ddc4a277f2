// AI Writer Pro: an outline, a plainer wording, a summary. By the hour, so nothing is counted but the time at the desk.

import { keywordsOf, paragraphsOf, sentencesOf, summaryOf, wordsOf } from "./text.ts";
import type { Tool } from "./tool.ts";

/** Long-winded phrases and what to say instead. */
const PLAINER: readonly (readonly [RegExp, string])[] = [
  [/\bin order to\b/gi, "to"],
  [/\bdue to the fact that\b/gi, "because"],
  [/\bat this point in time\b/gi, "now"],
  [/\bin the event that\b/gi, "if"],
  [/\ba large number of\b/gi, "many"],
  [/\bhas the ability to\b/gi, "can"],
  [/\bare able to\b/gi, "can"],
  [/\bis able to\b/gi, "can"],
  [/\bmake use of\b/gi, "use"],
  [/\butili[sz]e\b/gi, "use"],
  [/\bprior to\b/gi, "before"],
  [/\bsubsequent to\b/gi, "after"],
  [/\bwith regard to\b/gi, "about"],
  [/\bin spite of the fact that\b/gi, "although"],
  [/\bit is important to note that\s*/gi, ""],
  [/\b(?:very|really|quite|basically|actually)\s+/gi, ""],
];

export const writingTool: Tool = {
  intro: "Write or paste a text. The desk outlines it, says it more plainly, or shortens it to what matters.",
  sample:
    "It is important to note that our garden has grown in a very short time. In order to keep it alive, a large number of neighbours bring water every evening. Children plant beans. The beans climb the old fence.\n\nPrior to the first frost we make use of every hand. Due to the fact that nobody wants to lose the harvest, everyone comes. The soup afterwards is the best of the year.",
  actions: [
    { id: "outline", label: "Outline" },
    { id: "rephrase", label: "Rephrase" },
    { id: "summarise", label: "Summarise" },
  ],
  countLabel: null,
  measure: () => null,
  perform: ({ action, text }) => ({ kind: "text", text: `${write(action, text)}\n\n${countOf(text)}` }),
};

function write(action: string, text: string): string {
  switch (action) {
    case "outline":
      return outlineOf(text);
    case "rephrase":
      return rephrase(text);
    default:
      return summaryOf(text, Math.max(1, Math.ceil(sentencesOf(text).length / 4)));
  }
}

/** One heading a paragraph, its sentences as points. */
function outlineOf(text: string): string {
  const parts = paragraphsOf(text).map((paragraph, index) => {
    const title = keywordsOf(paragraph, 3).join(", ") || "untitled";
    const points = sentencesOf(paragraph).map((sentence) => `   - ${firstWords(sentence, 8)}`);
    return [`${index + 1}. ${capital(title)}`, ...points].join("\n");
  });
  return parts.join("\n");
}

/** The same said with fewer words. */
export function rephrase(text: string): string {
  const plain = PLAINER.reduce((said, [phrase, plainer]) => said.replace(phrase, plainer), text);
  return paragraphsOf(plain)
    .map((paragraph) => sentencesOf(paragraph).map(capital).join(" "))
    .join("\n\n");
}

function countOf(text: string): string {
  const words = wordsOf(text).length;
  const sentences = sentencesOf(text).length;
  const minutes = Math.max(1, Math.round(words / 230));
  return `${words} words, ${sentences} sentences, about ${minutes} min to read.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
function firstWords(sentence: string, count: number): string {
  const words = sentence.replace(/[.!?]+$/, "").split(" ");
  return words.length > count ? `${words.slice(0, count).join(" ")} …` : words.join(" ");
}
