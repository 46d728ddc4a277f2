// The stand-in's file: one JSON line a request. Lines are appended in one write, so a killed process leaves at most a
// torn last line, which is dropped when reading.

import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { State, type Change, type Journal } from "./state.ts";

const FILE = "journal.jsonl";

/** The journal in `directory`; rewritten without history when opened. */
export function openJournal(directory: string): Journal {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, FILE);
  compact(path);
  const file = openSync(path, "a");
  return {
    read: () => readLines(path),
    append: (changes) => void writeSync(file, `${JSON.stringify(changes)}\n`),
  };
}

function* readLines(path: string): Iterable<Change[]> {
  if (!existsSync(path)) return;
  const lines = readFileSync(path, "utf8").split("\n");
  // What follows the last line break is nothing, or the torn end of a write.
  for (const line of lines.slice(0, -1)) yield JSON.parse(line) as Change[];
}

/** Rename is atomic, so a crash here leaves the old file or the new one. */
function compact(path: string): void {
  if (!existsSync(path)) return;
  const state = new State({ read: () => readLines(path), append: () => {} });
  const fresh = `${path}.new`;
  closeSync(openSync(fresh, "w"));
  const lines: string[] = [];
  for (const changes of state.snapshot()) lines.push(`${JSON.stringify(changes)}\n`);
  appendFileSync(fresh, lines.join(""));
  renameSync(fresh, path);
}
