// What an app of this provider can do: measure a piece of work, then perform it. Plain code, the same input gives the same
// output; the work is small, the metering is real.

import { isTimeMeter } from "../../../domain/pricing/components.ts";
import type { SeededApp } from "../../../scripts/seed/apps.ts";
import type { WorkRequest } from "../work.ts";
import { deskTool } from "./desk.ts";
import { flakyTool } from "./flaky.ts";
import { invoiceTool } from "./invoices.ts";
import { storyboardTool } from "./storyboard.ts";
import { subtitleTool } from "./subtitles.ts";
import { writingTool } from "./writing.ts";

export type WorkResult =
  | { kind: "text"; text: string }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "scenes"; scenes: { title: string; shot: string; drawing: string }[] };

export interface Measure {
  meter: string;
  /** At most two decimals. */
  units: number;
}

export interface Tool {
  intro: string;
  sample: string;
  actions: { id: string; label: string }[];
  /** Asks for a number of these beside the text; null where the text says it all. */
  countLabel: string | null;
  /** What this work counts as, before it is done; null where only time is paid for. */
  measure: (request: WorkRequest) => Measure | null;
  perform: (request: WorkRequest) => WorkResult;
}

const OWN_TOOLS: Record<string, Tool> = {
  "ai-writer-pro": writingTool,
  "storyboard-studio": storyboardTool,
  "invoice-reader": invoiceTool,
  "subtitle-mill": subtitleTool,
  "flaky-lab": flakyTool,
};

/** The app's own tool, or a desk that does one unit of whatever the app counts. */
export const toolFor = (app: SeededApp): Tool => OWN_TOOLS[app.slug] ?? deskTool(app, reportedMeter(app));

const reportedMeter = (app: SeededApp): string | null =>
  app.pricing.find(({ meter }) => !isTimeMeter(meter))?.meter ?? null;
