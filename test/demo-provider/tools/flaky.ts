// Flaky Lab: breaks on purpose. work.ts answers its actions, because failing is what its server does.

import type { Tool } from "./tool.ts";

export const flakyTool: Tool = {
  intro: "Two ways to break: an error in the middle of the work, or an app that gives up and ends the session.",
  sample: "Anything. It will not survive.",
  actions: [
    { id: "error", label: "Break in the middle of the work" },
    { id: "end", label: "Give up and end the session" },
  ],
  countLabel: null,
  measure: () => null,
  perform: ({ text }) => ({ kind: "text", text }),
};
