// The desk of every app without a tool of its own: does and counts the units the app is priced by.

import type { SeededApp } from "../../../scripts/seed/apps.ts";
import { keywordsOf, summaryOf } from "./text.ts";
import type { Tool } from "./tool.ts";

export function deskTool(app: SeededApp, meter: string | null): Tool {
  const unit = meter?.replaceAll("_", " ") ?? null;
  return {
    intro: unit
      ? `Say what you need. Each ${unit} is reported before the work is done.`
      : "Say what you need. Only the time at the desk is counted.",
    sample: app.useCases[0] ?? app.description,
    actions: [{ id: "work", label: unit ? `Do it and count the ${unit}` : "Do it" }],
    countLabel: unit && `How many (${unit})`,
    measure: ({ count }) =>
      meter === null ? null : { meter, units: meter === "token" ? Math.ceil(count) : Math.round(count * 100) / 100 },
    perform: ({ text, count }) => ({
      kind: "table",
      head: ["Step", "Result"],
      rows: [
        ["Asked for", summaryOf(text, 1) || "-"],
        ["Key words", keywordsOf(text, 5).join(", ") || "-"],
        ["Nearest thing we do", nearest(app.useCases, text)],
        ...(unit ? [["Counted", `${count} ${unit}`]] : []),
      ],
    }),
  };
}

/** The use case that shares most words with the request. */
function nearest(useCases: readonly string[], text: string): string {
  const words = new Set(keywordsOf(text, 20));
  const shared = (useCase: string) => keywordsOf(useCase, 20).filter((word) => words.has(word)).length;
  return useCases.toSorted((a, b) => shared(b) - shared(a))[0] ?? "-";
}
