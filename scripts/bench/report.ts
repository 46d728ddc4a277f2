// The table a person reads. Markdown, so that it can stand in docs/benchmarks.md as it was printed.

import type { WindowFigures } from "./measure.ts";
import { median } from "./figures.ts";
import {
  FLOORS,
  floorMicros,
  ownMicros,
  FLOOR_OPERATION_NAMES,
  FLOOR_OPERATIONS,
  type FloorFigures,
  type FloorOperation,
} from "./floor-operations.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios.ts";

export interface ScenarioFigures {
  name: ScenarioName;
  hello: WindowFigures[];
  ours: WindowFigures[];
  /** Empty without a peer. */
  peer: WindowFigures[];
  /** The operations of its floors, one entry a round. */
  floor: FloorFigures[];
  /** What the scenario itself counted, such as delivery lag. */
  extra: { ours?: Record<string, number | null>; peer?: Record<string, number | null> };
}

const HEAD = [
  "scenario",
  "CPU us",
  "range",
  "x hello",
  "floor us",
  "x floor",
  "shared us",
  "x shared",
  "peer us",
  "x peer",
  "per s",
  "p50 ms",
  "p99 ms",
];

/** One row a scenario: CPU of the whole stack per unit of work, medians over the rounds. */
export function scenarioTable(figures: readonly ScenarioFigures[]): string {
  return markdown(
    HEAD,
    figures.map((scenario) => {
      const own = costs(scenario.ours);
      const { alone, shared } = FLOORS[scenario.name];
      const floor = floorOf([scenario]);
      const [aloneCost, sharedCost] = [floorMicros(alone, floor), floorMicros(shared, floor)];
      const cost = median(own);
      return [
        scenario.name,
        whole(cost),
        own.length > 0 ? `${whole(Math.min(...own))} to ${whole(Math.max(...own))}` : "-",
        ratio(cost, median(costs(scenario.hello))),
        whole(aloneCost),
        ratio(cost, aloneCost),
        whole(sharedCost),
        ratio(cost, sharedCost),
        whole(median(costs(scenario.peer))),
        ratio(cost, median(costs(scenario.peer))),
        whole(median(scenario.ours.map(({ unitsPerSecond }) => unitsPerSecond))),
        tenth(middle(scenario.ours, "p50Ms")),
        tenth(middle(scenario.ours, "p99Ms")),
      ];
    }),
  );
}

/** Where /proc is missing: how fast, against hello and the peer in the same minute. */
export function wallTable(figures: readonly ScenarioFigures[]): string {
  const rate = (windows: WindowFigures[]) => median(windows.map(({ unitsPerSecond }) => unitsPerSecond));
  return markdown(
    ["scenario", "per s", "of hello", "of peer", "p50 ms", "p99 ms"],
    figures.map(({ name, ours, hello, peer }) => [
      name,
      whole(rate(ours)),
      ratio(rate(ours), rate(hello)),
      ratio(rate(ours), rate(peer)),
      tenth(middle(ours, "p50Ms")),
      tenth(middle(ours, "p99Ms")),
    ]),
  );
}

/** What single operations cost, over all rounds of all scenarios. */
export function floorTable(figures: readonly ScenarioFigures[]): string {
  const floor = floorOf(figures);
  return markdown(
    ["operation", "CPU us", "what"],
    FLOOR_OPERATION_NAMES.map((operation) => [
      operation,
      whole(ownMicros(operation, floor)),
      FLOOR_OPERATIONS[operation],
    ]),
  );
}

/** Medians over the rounds of these scenarios. */
function floorOf(figures: readonly ScenarioFigures[]): FloorFigures {
  const rounds = figures.flatMap(({ floor }) => floor);
  return Object.fromEntries(
    FLOOR_OPERATION_NAMES.flatMap((operation) => {
      const middling = median(rounds.flatMap((round) => round[operation] ?? []));
      return middling === null ? [] : [[operation, middling]];
    }),
  );
}

/** What one unit is, and what its floor is made of. */
export const legend = (figures: readonly ScenarioFigures[]): string =>
  figures
    .map(({ name }) => {
      const { alone, shared, why } = FLOORS[name];
      const sharing = shared === alone ? "" : `; shared: ${listed(shared)}`;
      return `- ${name}: ${SCENARIOS[name].what}, per ${SCENARIOS[name].unit}. Floor: ${listed(alone)}${sharing} (${why}).`;
    })
    .join("\n");

const listed = (parts: Partial<Record<FloorOperation, number>>): string =>
  Object.entries(parts)
    .map(([operation, count]) => `${count} ${operation}`)
    .join(", ");

/** Deliveries, duplicates and the like, one line a side. */
export const extraLines = (figures: readonly ScenarioFigures[]): string[] =>
  figures.flatMap(({ name, extra }) =>
    Object.entries(extra).map(
      ([side, values]) =>
        `${name}, ${side}: ${Object.entries(values)
          .map(([key, value]) => `${key} ${value === null ? "-" : Math.round(value)}`)
          .join(", ")}`,
    ),
  );

const costs = (windows: readonly WindowFigures[]): number[] =>
  windows.flatMap(({ cpuMicrosPerUnit }) => cpuMicrosPerUnit ?? []);
const middle = (windows: readonly WindowFigures[], key: "p50Ms" | "p99Ms"): number | null =>
  median(windows.flatMap((window) => window[key] ?? []));

const whole = (value: number | null): string => (value === null ? "-" : Math.round(value).toLocaleString("en"));
const tenth = (value: number | null): string => (value === null ? "-" : value.toFixed(1));
const ratio = (value: number | null, of: number | null): string =>
  value === null || of === null || of === 0 ? "-" : (value / of).toFixed(2);

function markdown(head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}
