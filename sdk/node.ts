// For apps on Node, Deno and Bun: queued reports in a file, so that they survive a crash of the process. Apart from the
// rest of the package because it needs a file system.
//
//   new Marketplace({ apiKey, store: fileStore("/var/lib/app/reports.jsonl") })

import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { pid } from "node:process";
import type { UsageReport } from "./src/protocol/session.ts";
import type { ReportStore } from "./src/server/report-store.ts";

export type { ReportStore } from "./src/server/report-store.ts";

/** Lines of answered records after which the file is written anew. */
const DEAD_LINES_MAX = 10_000;

export interface FileStoreOptions {
  /**
   * Wait for the disk with every record, so that it also survives a loss of power. Without it a record survives the end
   * of the process, however violent, but not that of the machine. Default false.
   */
  sync?: boolean;
}

type Line = { add: UsageReport } | { done: string[] };

/**
 * A store in one file of JSON lines, of one process: give each worker of a cluster its own. A record is in the file when
 * `enqueue` returns.
 * @throws when another living process has the file open, or it cannot be written.
 */
export function fileStore(path: string, options: FileStoreOptions = {}): ReportStore & { close(): void } {
  const lock = lockFile(`${path}.lock`);
  const waiting = readWaiting(path);
  const left = [...waiting.values()];
  let deadLines = 0;
  let file = rewrite();

  function rewrite(): number {
    const fresh = `${path}.new`;
    writeFileSync(fresh, [...waiting.values()].map((report) => line({ add: report })).join(""));
    // Atomic: a crash here leaves the old file or the new one.
    renameSync(fresh, path);
    return openSync(path, "a");
  }
  function write(what: Line): void {
    writeSync(file, line(what));
    if (options.sync) fdatasyncSync(file);
  }

  return {
    append(report) {
      write({ add: report });
      waiting.set(report.idempotencyKey, report);
    },
    remove(keys) {
      const known = keys.filter((key) => waiting.delete(key));
      if (known.length === 0) return;
      write({ done: known });
      deadLines += known.length;
      if (deadLines < DEAD_LINES_MAX) return;
      closeSync(file);
      file = rewrite();
      deadLines = 0;
    },
    load: () => left.splice(0),
    close() {
      closeSync(file);
      unlinkSync(lock);
    },
  };
}

const line = (what: Line): string => `${JSON.stringify(what)}\n`;

function readWaiting(path: string): Map<string, UsageReport> {
  const waiting = new Map<string, UsageReport>();
  if (!existsSync(path)) return waiting;
  // What follows the last line break is nothing, or the torn end of a write.
  for (const text of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    const what = JSON.parse(text) as Line;
    if ("add" in what) waiting.set(what.add.idempotencyKey, what.add);
    else for (const key of what.done) waiting.delete(key);
  }
  return waiting;
}

/** Two processes on one file would throw away each other's records. A lock whose process is gone holds nobody up. */
function lockFile(path: string): string {
  if (existsSync(path)) {
    const owner = Number(readFileSync(path, "utf8"));
    // In a container every process may have the same number: then it is the one that ended before this one.
    if (owner !== pid && isAlive(owner))
      throw new Error(`${path}: process ${owner} has this file of reports open. Give each process a file of its own.`);
    unlinkSync(path);
  }
  writeFileSync(path, String(pid), { flag: "wx" });
  return path;
}

function isAlive(owner: number): boolean {
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}
