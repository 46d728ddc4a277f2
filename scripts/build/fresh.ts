// Builds only what changed: a build is skipped while the contents it is made of hash to the same stamp as last time.
// Contents, not file times: a checkout or a copy touches every file.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../start/settings.ts";

const STAMPS = join(ROOT, "dist", ".stamps");
/** Made by builds or tools, never their source. */
const NOT_SOURCE = new Set(["node_modules", "dist", ".svelte-kit", ".wrangler", "test-results"]);

export interface Build {
  name: string;
  /** Files and folders, relative to the root, that the result depends on. */
  sources: string[];
  /** Whatever else it depends on, such as variables read at build time. */
  settings?: string[];
  /** Files that exist when it was built. */
  results: string[];
  make: () => Promise<void>;
}

/**
 * Runs `build.make` unless its result is there and fresh.
 * @returns Whether it ran.
 */
export async function buildIfStale(build: Build): Promise<boolean> {
  const stampPath = join(STAMPS, build.name);
  const stamp = stampOf(build);
  const isThere = [stampPath, ...build.results.map((result) => join(ROOT, result))].every((path) => existsSync(path));
  if (isThere && readFileSync(stampPath, "utf8") === stamp) return false;
  // The stamp goes first, so that a build cut short is never taken for a finished one.
  rmSync(stampPath, { force: true });
  await build.make();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampPath, stamp);
  return true;
}

function stampOf(build: Build): string {
  const hash = createHash("sha256");
  for (const source of ["package-lock.json", ...build.sources]) hashPath(hash, source);
  for (const setting of build.settings ?? []) hash.update(`\0${setting}`);
  return hash.digest("hex");
}

function hashPath(hash: ReturnType<typeof createHash>, path: string): void {
  const full = join(ROOT, path);
  if (!existsSync(full)) return;
  if (statSync(full).isFile()) {
    hash.update(`\0${path}\0`).update(readFileSync(full));
    return;
  }
  for (const entry of readdirSync(full).sort()) if (!NOT_SOURCE.has(entry)) hashPath(hash, join(path, entry));
}
