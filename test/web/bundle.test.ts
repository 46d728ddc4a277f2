// What a page makes the browser load, from the build itself. Budgets are gzipped bytes of JavaScript: framework and
// router alone are 33 kB, our frame and words another 15; a page that grows past its budget has to say why. Every page there is
// costs all others some 60 bytes, the router's list of them.

import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const OUTPUT = new URL("../../web/.svelte-kit/output/", import.meta.url);
const MANIFEST = new URL("client/.vite/manifest.json", OUTPUT);

const BUDGETS: Record<string, number> = {
  // Words of refusals come with the frame, in one language. What a signed-in person is recommended comes after the page.
  // The operators' pages about grants, debts and referrals took 180 of it: the router's list of pages.
  "/": 58_700,
  // With the filters of the address and the words found, marked; the filters' form comes after the page.
  "/apps": 61_000,
  "/session-ended": 52_500,
  "/verify": 58_500,
  // The engine, the price box, what is likely and on offer, and the history: everything one decides by.
  "/apps/[id]": 69_500,
  // Prices by size, codes, kept cards, purchases and referrals, whose words all signed-in pages share.
  "/(app)/wallet": 66_000,
  "/(app)/sessions/[id]": 65_000,
  "/(app)/session/complete": 64_500,
  "/(app)/provider": 67_500,
  // What its owner opens daily, drawn without a chart library.
  "/(app)/provider/[id]": 66_000,
  "/(app)/provider/new": 69_000,
};
const CSS_BUDGET = 9_700;
// The sentences of notices in both languages are 4,400 of it: it has no pages to take them from.
const SERVICE_WORKER_BUDGET = 15_000;

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  css?: string[];
}
if (!existsSync(MANIFEST)) throw new Error("The PWA is not built: run `npm run build` first.");
const read = (path: string): string => readFileSync(new URL(path, OUTPUT), "utf8");
const manifest = JSON.parse(readFileSync(MANIFEST, "utf8")) as Record<string, Chunk>;
const gzipped = (file: string): number => gzipSync(read(`client/${file}`)).length;

/** Route to the numbers of its layouts and its page, from the server's own manifest. */
const routes = new Map(
  [
    ...read("server/manifest-full.js").matchAll(
      /id: "([^"]+)",(?:(?!\bid: ).)*?page: \{ layouts: \[([\d,]*)\], errors: \[[\d,]*\], leaf: (\d+) \}/gs,
    ),
  ].map(([, id = "", layouts = "", leaf = ""]) => [id, [...layouts.split(",").filter(Boolean), leaf]]),
);

/** Everything loaded for a route: start, app, its layouts and itself, with all they import. */
function filesOf(nodes: string[]): Set<string> {
  const files = new Set<string>();
  const add = (name: string) => {
    const chunk = manifest[name];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(add);
  };
  for (const [name, chunk] of Object.entries(manifest)) {
    const node = /\/nodes\/(\d+)\.js$/.exec(name)?.[1];
    if (/\/entry\/(start|app)\./.test(chunk.file) || (node !== undefined && nodes.includes(node))) add(name);
  }
  return files;
}

describe("JavaScript a page loads", () => {
  it.each(Object.entries(BUDGETS))("%s stays under %i bytes gzipped", (route, budget) => {
    const nodes = routes.get(route);
    expect(nodes, `no such route in the build; there are ${[...routes.keys()].join(", ")}`).toBeDefined();
    const files = [...filesOf(nodes ?? [])];
    const total = files.reduce((sum, file) => sum + gzipped(file), 0);
    // Below the framework's own size the sum would be counting the wrong files.
    expect(total).toBeGreaterThan(30_000);
    expect(total).toBeLessThanOrEqual(budget);
  });
});

it("keeps the stylesheet small", () => {
  const sheets = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));
  const total = [...sheets].reduce((sum, file) => sum + gzipped(file), 0);
  expect(total).toBeGreaterThan(1_000);
  expect(total).toBeLessThanOrEqual(CSS_BUDGET);
});

it("keeps the service worker small and gives it its list of files", () => {
  expect(gzipped("service-worker.js")).toBeLessThanOrEqual(SERVICE_WORKER_BUDGET);
  const text = read("client/service-worker.js");
  expect(text).not.toContain("__WB_MANIFEST");
  expect(text).toContain('"offline"');
});
