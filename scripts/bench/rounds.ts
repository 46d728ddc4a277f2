// One scenario in short windows that follow each other closely: hello, the operations of its floor, ours, the peer, and in
// the next round the other way round (ABBA), so that a noisy minute hits all of them alike.

import { untilCalm } from "./calm.ts";
import { canMeasureCpu } from "./cpu.ts";
import type { Floor } from "./floor.ts";
import { operationsOf, type FloorFigures } from "./floor-operations.ts";
import type { Market } from "./market.ts";
import { measure, untilWarm, type Load, type WindowFigures } from "./measure.ts";
import type { Options } from "./options.ts";
import type { ScenarioFigures } from "./report.ts";
import { SCENARIOS, type Run, type Scenario, type ScenarioName } from "./scenarios.ts";

const HELLO = { method: "GET", path: "/healthz", headers: {} };

/** One implementation under load, and the roots of its process trees. */
export interface Side {
  market: Market;
  roots: readonly number[];
}

export async function runScenario(
  name: ScenarioName,
  ours: Side,
  theirs: Side | null,
  floor: Floor,
  options: Options,
  say: (line: string) => void,
): Promise<ScenarioFigures> {
  const scenario: Scenario = SCENARIOS[name];
  const { otherwise } = scenario;
  const theirScenario = otherwise && !theirs?.market.adapter[otherwise.without] ? SCENARIOS[otherwise.runs] : scenario;
  const figures: ScenarioFigures = { name, hello: [], ours: [], peer: [], floor: [], extra: {} };
  for (const side of theirs ? [ours, theirs] : [ours]) await side.market.freshenSignIns();

  if (canMeasureCpu) {
    const waited = await untilCalm(theirs ? [...ours.roots, ...theirs.roots] : ours.roots);
    say(
      `${name.padEnd(10)} ${waited === null ? "begins though nothing ever rests" : `begins at rest, after ${waited} s`}`,
    );
  }
  const ourRun = await scenario.open(ours.market, options);
  const peerRun = theirs && (await theirScenario.open(theirs.market, options));
  const loadOf = ({ market, roots }: Side, run: Run): Load => ({
    client: market.client,
    roots,
    connections: scenario.connections ?? options.connections,
    seconds: options.seconds,
    work: run.work,
    settle: run.settle,
  });
  const helloRun: Run = { work: async (recorder) => ((await recorder.send(HELLO)).status === 200 ? 1 : 0) };
  const loads: [keyof Pick<ScenarioFigures, "hello" | "ours" | "peer">, Load][] = [
    ["hello", loadOf(ours, helloRun)],
    ["ours", loadOf(ours, ourRun)],
  ];
  if (theirs && peerRun) loads.push(["peer", loadOf(theirs, peerRun)]);
  say(`${name.padEnd(10)} warms up: ${[...loads.map(([side]) => side), ...operationsOf(name)].join(", ")}`);
  for (const [, load] of loads) await untilWarm(load);
  await floor.warmUp(operationsOf(name));

  const windows = loads.map(([side, load]) => async (round: string) => {
    const measured = await measure(load);
    figures[side].push(measured);
    say(`${round} ${side.padEnd(5)} ${describe(measured)}`);
  });
  windows.splice(1, 0, async (round) => {
    const measured = await floor.measure(operationsOf(name));
    figures.floor.push(measured);
    say(`${round} floor ${describeFloor(measured)}`);
  });
  for (let round = 0; round < options.rounds; round++)
    for (const window of round % 2 === 0 ? windows : windows.toReversed())
      await window(`${name.padEnd(10)} ${round + 1}/${options.rounds}`);

  if (ourRun.finish) figures.extra.ours = await ourRun.finish();
  if (peerRun?.finish) figures.extra.peer = await peerRun.finish();
  return figures;
}

const describeFloor = (figures: FloorFigures): string =>
  Object.entries(figures)
    .map(([operation, micros]) => `${operation} ${Math.round(micros)}`)
    .join(", ");

function describe({ cpuMicrosPerUnit, unitsPerSecond, p50Ms, p99Ms, errors }: WindowFigures): string {
  const cost = canMeasureCpu ? `${Math.round(cpuMicrosPerUnit ?? 0)} us, ` : "";
  const latency = p50Ms === null ? "" : `, p50 ${p50Ms.toFixed(1)} p99 ${p99Ms!.toFixed(1)} ms`;
  const wrong = Object.keys(errors).length > 0 ? `, errors ${JSON.stringify(errors)}` : "";
  return `${cost}${Math.round(unitsPerSecond)} per s${latency}${wrong}`;
}
