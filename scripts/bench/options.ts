// What `npm run bench` can be told, and how long it then takes.

import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface Options {
  /** Rounds a scenario; every second one runs its sides in reverse order. */
  rounds: number;
  /** Length of one measured window. */
  seconds: number;
  /** Length of one window of a floor operation. */
  floorSeconds: number;
  connections: number;
  people: number;
  /** Sessions kept alive by the heartbeat scenario. */
  liveSessions: number;
  /** Names of the scenarios to run; empty: all. */
  only: string[];
  /** Folder of another implementation to race against (docs/benchmarks.md says what it must hold). */
  peer: string | null;
  /** File for the figures of every round. */
  json: string | null;
}

export const USAGE = `usage: npm run bench -- [--quick] [--peer DIR] [--json FILE] [--only a,b] [--rounds N] [--seconds N]`;

const FULL = { rounds: 4, seconds: 4, floorSeconds: 1.5, connections: 32, people: 50, liveSessions: 500 };
/** About a minute: enough to see a large change, not a small one. */
const QUICK = { rounds: 2, seconds: 1, floorSeconds: 1, connections: 32, people: 16, liveSessions: 100 };

/** @throws Error with one readable line for anything it does not know. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      peer: { type: "string" },
      json: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
    },
  });
  const size = values.quick ? QUICK : FULL;
  return {
    ...size,
    rounds: wholeNumber("rounds", values.rounds) ?? size.rounds,
    seconds: wholeNumber("seconds", values.seconds) ?? size.seconds,
    only: values.only?.split(",").filter(Boolean) ?? [],
    peer: values.peer === undefined ? null : resolve(values.peer),
    json: values.json === undefined ? null : resolve(values.json),
  };
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100)
    throw new Error(`--${name} is a whole number from 1 to 100, not "${text}".`);
  return value;
}
