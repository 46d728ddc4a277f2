// One scenario in short windows that follow each other closely: hello, ours, the peer, and in the next round the other way
// round (ABBA), so that a noisy minute hits all of them alike.

import { canMeasureCpu } from "./cpu.ts";
import type { Market } from "./market.ts";
import { measure, warmUp, type Load, type WindowFigures } from "./measure.ts";
import type { Options } from "./options.ts";
import type { ScenarioFigures } from "./report.ts";
import { SCENARIOS, type Run, type Scenario, type ScenarioName } from "./scenarios.ts";

const WARM_UP_SECONDS = 1;
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
  options: Options,
  say: (line: string) => void,
): Promise<ScenarioFigures> {
  const scenario: Scenario = SCENARIOS[name];
  // A page's live socket is nothing every marketplace has.
  const peer = theirs && (name !== "live-beat" || theirs.market.adapter.socket) ? theirs : null;
  const figures: ScenarioFigures = { name, hello: [], ours: [], peer: [], extra: {} };
  for (const side of peer ? [ours, peer] : [ours]) await side.market.freshenSignIns();

  const ourRun = await scenario.open(ours.market, options);
  const peerRun = peer && (await scenario.open(peer.market, options));
  const loadOf = ({ market, roots }: Side, run: Run): Load => ({
    client: market.client,
    roots,
    connections: scenario.connections ?? options.connections,
    seconds: options.seconds,
    work: run.work,
    settle: run.settle,
  });
  const helloRun: Run = { work: async (recorder) => ((await recorder.send(HELLO)).status === 200 ? 1 : 0) };
  const windows: [keyof Pick<ScenarioFigures, "hello" | "ours" | "peer">, Load][] = [
    ["hello", loadOf(ours, helloRun)],
    ["ours", loadOf(ours, ourRun)],
  ];
  if (peer && peerRun) windows.push(["peer", loadOf(peer, peerRun)]);
  for (const [, load] of windows) await warmUp(load, WARM_UP_SECONDS);

  for (let round = 0; round < options.rounds; round++)
    for (const [side, load] of round % 2 === 0 ? windows : windows.toReversed()) {
      const measured = await measure(load);
      figures[side].push(measured);
      say(`${name.padEnd(10)} ${round + 1}/${options.rounds} ${side.padEnd(5)} ${describe(measured)}`);
    }

  if (ourRun.finish) figures.extra.ours = await ourRun.finish();
  if (peerRun?.finish) figures.extra.peer = await peerRun.finish();
  return figures;
}

function describe({ cpuMicrosPerUnit, unitsPerSecond, p50Ms, p99Ms, errors }: WindowFigures): string {
  const cost = canMeasureCpu ? `${Math.round(cpuMicrosPerUnit ?? 0)} us, ` : "";
  const latency = p50Ms === null ? "" : `, p50 ${p50Ms.toFixed(1)} p99 ${p99Ms!.toFixed(1)} ms`;
  const wrong = Object.keys(errors).length > 0 ? `, errors ${JSON.stringify(errors)}` : "";
  return `${cost}${Math.round(unitsPerSecond)} per s${latency}${wrong}`;
}
