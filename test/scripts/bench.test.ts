import { expect, it } from "vitest";
import { untilCalm } from "../../scripts/bench/calm.ts";
import { processUse, sumOfTrees } from "../../scripts/bench/cpu.ts";
import { median, percentile, seededRandom } from "../../scripts/bench/figures.ts";
import {
  FLOOR_OPERATION_NAMES,
  FLOORS,
  floorMicros,
  operationsOf,
  type FloorOperation,
} from "../../scripts/bench/floor-operations.ts";
import { readOptions } from "../../scripts/bench/options.ts";
import { scenarioTable, wallTable, type ScenarioFigures } from "../../scripts/bench/report.ts";
import { SCENARIO_NAMES } from "../../scripts/bench/scenarios.ts";

// Every operation costs a hundred beyond the request of ten, so that sums can be read off.
const MEASURED = Object.fromEntries(
  FLOOR_OPERATION_NAMES.map((operation) => [operation, operation === "request" ? 10 : 110]),
) as Record<FloorOperation, number>;

it("knows the floor of every scenario, and why", () => {
  expect(Object.keys(FLOORS).sort()).toEqual([...SCENARIO_NAMES].sort());
  for (const name of SCENARIO_NAMES) {
    const { alone, shared } = FLOORS[name];
    expect(floorMicros(alone, MEASURED)).toBeGreaterThan(0);
    expect(floorMicros(shared, MEASURED)).toBeGreaterThan(0);
    expect(FLOORS[name].why).not.toBe("");
  }
});

it("measures no operation that no scenario needs", () => {
  const used = new Set(Object.values(FLOORS).flatMap(({ alone, shared }) => Object.keys({ ...alone, ...shared })));
  expect(FLOOR_OPERATION_NAMES.filter((operation) => !used.has(operation))).toEqual([]);
});

it("measures beside a scenario what its floors are made of, and the request those stand on", () => {
  expect(operationsOf("catalogue")).toEqual(["bytes"]);
  expect(operationsOf("heartbeat")).toEqual(["request", "post", "objectCall"]);
  for (const name of SCENARIO_NAMES) {
    const measured = Object.fromEntries(operationsOf(name).map((operation) => [operation, MEASURED[operation]]));
    expect(floorMicros(FLOORS[name].alone, measured)).not.toBeNull();
    expect(floorMicros(FLOORS[name].shared, measured)).not.toBeNull();
  }
});

it("counts a write as a D1 call of its own in one floor, and as a share of one in the other", () => {
  for (const { alone, shared } of Object.values(FLOORS)) {
    expect(Object.keys(alone)).not.toContain("groupedWrite");
    if (alone.d1Batch !== shared.d1Batch)
      expect(shared.groupedWrite ?? shared.groupedWrite50 ?? shared.cycle).toBeGreaterThan(0);
  }
});

it("adds up a floor from what each operation costs beyond its request", () => {
  expect(floorMicros({ request: 1, d1Read: 1 }, MEASURED)).toBe(110);
  expect(floorMicros({ request: 4, groupedWrite: 2, d1Batch: 2 }, MEASURED)).toBe(440);
  expect(floorMicros({ bytes: 1 }, MEASURED)).toBe(110);
  expect(floorMicros({ request: 1, send: 1 }, { request: 10 })).toBeNull();
});

it("reads the CPU time and page faults of a process whose name holds spaces and brackets", () => {
  const line =
    "4321 (node (main) x) S 1234 4321 1 0 -1 4194304 9000 80 0 0 150 50 7 3 20 0 11 0 99999 1000000 500 18446744073709551615";
  expect(processUse(line)).toEqual({ pid: 4321, parent: 1234, ticks: 210, faults: 9000 });
});

it("begins when what came before has rested for two looks, and anyway when it never does", async () => {
  const used = (micros: number[]) => {
    let total = 0;
    return [[1], () => (total += micros.shift() ?? 500_000), async () => {}] as const;
  };
  expect(await untilCalm(...used([0, 400_000, 9_000, 80_000, 5_000, 20_000]))).toBe(5);
  expect(await untilCalm(...used([]))).toBeNull();
  expect(await untilCalm([1], () => null)).toBeNull();
});

it("counts the whole tree under a root and nothing beside it", () => {
  const processes = [
    { pid: 1, parent: 0, ticks: 1_000, faults: 7 },
    { pid: 10, parent: 1, ticks: 1, faults: 10 },
    { pid: 11, parent: 10, ticks: 2, faults: 20 },
    { pid: 12, parent: 11, ticks: 4, faults: 40 },
    { pid: 20, parent: 1, ticks: 500, faults: 80 },
  ];
  expect(sumOfTrees("ticks", processes, [10])).toBe(7);
  expect(sumOfTrees("ticks", processes, [10, 12, 20])).toBe(507);
  expect(sumOfTrees("ticks", processes, [99])).toBe(0);
  expect(sumOfTrees("faults", processes, [11])).toBe(60);
});

it("takes percentiles by rank and medians between two", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100]);
  expect([percentile([7], 0.99), percentile([], 0.5)]).toEqual([7, null]);
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, null]);
});

it("draws the same numbers in every run, spread from 0 to 1", () => {
  const [a, b] = [seededRandom(1), seededRandom(1)];
  const drawn = Array.from({ length: 1_000 }, a);
  expect(drawn).toEqual(Array.from({ length: 1_000 }, b));
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
  const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
  expect(mean).toBeCloseTo(0.5, 1);
});

it("refuses options it does not know or cannot use", () => {
  expect(() => readOptions(["--rounds", "0"])).toThrow("--rounds");
  expect(() => readOptions(["--fast"])).toThrow("--fast");
  expect(readOptions(["--only", "cycle,balance"]).only).toEqual(["cycle", "balance"]);
  expect(readOptions(["--quick"]).seconds).toBeLessThan(readOptions([]).seconds);
});

const window = (cpuMicrosPerUnit: number | null) => ({
  units: 10,
  requests: 10,
  unitsPerSecond: 5,
  cpuMicrosPerUnit,
  p50Ms: 1,
  p99Ms: 2,
  errors: {},
});
const FIGURES: ScenarioFigures = {
  name: "balance",
  hello: [window(50)],
  ours: [window(200), window(240)],
  peer: [window(440)],
  floor: [MEASURED, MEASURED, { ...MEASURED, d1Read: 9_000 }],
  extra: {},
};

it("shows cost, ratio to hello, both floors and peer in one row", () => {
  const row = scenarioTable([FIGURES]).split("\n").at(-1)!;
  const cells = row.split("|").map((cell) => cell.trim());
  expect(cells).toEqual([
    "",
    "balance",
    "220",
    "200 to 240",
    "4.40",
    "110",
    "2.00",
    "110",
    "2.00",
    "440",
    "0.50",
    "5",
    "1.0",
    "2.0",
    "",
  ]);
});

it("shows a dash where there is nothing to compare with", () => {
  const row = scenarioTable([{ ...FIGURES, peer: [], floor: [] }])
    .split("\n")
    .at(-1)!;
  expect(
    row
      .split("|")
      .map((cell) => cell.trim())
      .slice(5, 9),
  ).toEqual(["-", "-", "-", "-"]);
});

it("compares rates where CPU time cannot be read", () => {
  const row = wallTable([{ ...FIGURES, ours: [window(null)] }])
    .split("\n")
    .at(-1)!;
  expect(
    row
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, 5),
  ).toEqual(["balance", "5", "1.00", "1.00"]);
});
