// Looking at other processes without tools: /proc where it exists, else `ps`. A process id alone proves nothing, since
// ids are used again; together with the moment the process began it does.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const HAS_PROC = existsSync("/proc/self/stat");

export interface ProcessMark {
  pid: number;
  /** When it began, in whatever unit this system tells it; compared for equality only. */
  began: string;
}

/** The mark of a running process, or null when there is none with this id. */
export function markOf(pid: number): ProcessMark | null {
  const began = HAS_PROC ? procFields(pid)?.began : psField(pid, "lstart");
  return began ? { pid, began } : null;
}

/** True while this very process, not another with the same id, is running. */
export const isRunning = (mark: ProcessMark): boolean => markOf(mark.pid)?.began === mark.began;

/** Ids of the direct children of `parent` whose program is called `name`. */
export function childrenNamed(parent: number, name: string): number[] {
  return parentage().flatMap((row) => (row.parent === parent && row.name === name ? [row.pid] : []));
}

/** Every process below `parent`, as far down as it goes. */
export function descendantsOf(parent: number): ProcessMark[] {
  const children = parentage().filter((row) => row.parent === parent);
  return children.flatMap(({ pid }) => [...[markOf(pid)].filter((mark) => mark !== null), ...descendantsOf(pid)]);
}

/** Ends a process the hard way; true when it was there. */
export function endProcess(mark: ProcessMark): boolean {
  if (!isRunning(mark)) return false;
  process.kill(mark.pid, "SIGKILL");
  return true;
}

/** A line of /proc/<pid>/stat: "pid (name) state ppid ..." (proc(5)). The name may hold spaces and brackets. */
export function parseStat(line: string): { pid: number; name: string; /** From the state on. */ fields: string[] } {
  const [nameStart, nameEnd] = [line.indexOf("("), line.lastIndexOf(")")];
  return {
    pid: Number(line.slice(0, nameStart)),
    name: line.slice(nameStart + 1, nameEnd),
    fields: line.slice(nameEnd + 2).split(" "),
  };
}

// A zombie counts as gone.
function procFields(pid: number): { name: string; parent: number; began: string } | null {
  try {
    const { name, fields } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return fields[0] === "Z" ? null : { name, parent: Number(fields[1]), began: fields[19] ?? "" };
  } catch {
    return null;
  }
}

function psField(pid: number, field: string): string | null {
  return ps(["-o", `${field}=`, "-p", String(pid)])?.trim() || null;
}

function parentage(): { pid: number; parent: number; name: string }[] {
  if (HAS_PROC)
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((entry) => {
        const fields = procFields(Number(entry));
        return fields ? [{ pid: Number(entry), parent: fields.parent, name: fields.name }] : [];
      });
  const rows = ps(["-A", "-o", "pid=,ppid=,comm="])?.trim().split("\n") ?? [];
  return rows.map((row) => {
    const [pid, parent, ...name] = row.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), name: name.join(" ").split("/").at(-1) ?? "" };
  });
}

function ps(args: string[]): string | null {
  try {
    return execFileSync("ps", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return null;
  }
}
