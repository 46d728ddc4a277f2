// Time travel for a story: gives every running session of a stopped stack so much more used time, as if somebody had sat
// there working. Unlike a machine that was off, this time is paid for.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Adds `ms` of active time to every session's clock in this state folder. The stack must not be running. */
export function useUpTime(stateDir: string, ms: number): void {
  const objects = join(stateDir, "state", "v3", "do", "meterplace-api-MeteredSession");
  for (const name of readdirSync(objects).filter((file) => file.endsWith(".sqlite") && file !== "metadata.sqlite")) {
    const object = new DatabaseSync(join(objects, name));
    const row = object.prepare("SELECT meter FROM record WHERE id = 1").get() as { meter: string | null } | undefined;
    if (row?.meter) {
      const meter = JSON.parse(row.meter) as { activeMs: number };
      meter.activeMs += ms;
      object.prepare("UPDATE record SET meter = ? WHERE id = 1").run(JSON.stringify(meter));
    }
    object.close();
  }
}
