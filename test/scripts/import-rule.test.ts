// The shape of the tree, held by reading it: who may import whom (a reader always moves right: workers, domain, store),
// where SQL may stand, and who may read the clock. The map of the folders is in the README.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["workers", "durable-objects", "domain", "sdk", "web/src", "scripts", "test"];
const SKIPPED = new Set(["node_modules", "dist", ".svelte-kit"]);

interface Import {
  from: string;
  /** A path from the root for relative imports, else the package name as written. */
  to: string;
  typeOnly: boolean;
}

const sourceOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const files = FOLDERS.flatMap(sourcesIn);
const imports = files.flatMap(importsOf);

/** Imports that break a rule, as `from -> to`. */
const breaking = (rule: (entry: Import) => boolean): string[] =>
  imports.filter(rule).map(({ from, to }) => `${from} -> ${to}`);

const within = (...folders: string[]) => {
  const prefixes = folders.map((folder) => `${folder}/`);
  return (path: string): boolean => prefixes.some((prefix) => path.startsWith(prefix));
};

it("finds sources and imports at all", () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.length).toBeGreaterThan(100);
});

it("keeps the rules free of the framework, the platform and the entry points", () => {
  const outside = within("workers", "durable-objects", "web", "scripts", "test");
  const isForeign = (to: string) => /^(hono|@hono\/|cloudflare:|wrangler|miniflare)/.test(to) || outside(to);
  expect(breaking(({ from, to }) => within("domain")(from) && isForeign(to))).toEqual([]);
});

it("keeps the wire contract free of every import from outside itself", () => {
  const own = within("sdk/src/protocol");
  expect(breaking(({ from, to }) => own(from) && !own(to))).toEqual([]);
});

it("keeps the SDK free of the marketplace and of packages", () => {
  expect(breaking(({ from, to }) => within("sdk/src")(from) && !within("sdk")(to))).toEqual([]);
});

it("keeps the objects free of HTTP: routes, middleware and the app are in front of them", () => {
  const http = within("workers/routes", "workers/middleware", "workers/compat");
  expect(breaking(({ from, to }) => within("durable-objects")(from) && (http(to) || to === "workers/app.ts"))).toEqual(
    [],
  );
});

it("ships nothing that stands under test/ or scripts/", () => {
  const shipped = within("workers", "durable-objects", "domain", "sdk/src", "web/src");
  expect(breaking(({ from, to }) => shipped(from) && within("test", "scripts")(to))).toEqual([]);
});

it("gives the web app the SDK, the price arithmetic and the types of the API, no more", () => {
  const pure = within("web", "sdk", "domain/pricing");
  const isAllowed = (to: string) => pure(to) || to === "domain/money.ts";
  const isOurs = within("workers", "durable-objects", "domain", "scripts", "test");
  expect(
    breaking(
      ({ from, to, typeOnly }) =>
        within("web")(from) && isOurs(to) && !isAllowed(to) && !(typeOnly && within("workers", "domain")(to)),
    ),
  ).toEqual([]);
});

it("runs in no circle: what a file imports never leads back to it", () => {
  // The bindings name the object classes, and the objects are bound: types only, and the one place that may.
  const isCounted = ({ from, typeOnly }: Import) => !within("test")(from) && !(from === "workers/env.ts" && typeOnly);
  const next = Map.groupBy(imports.filter(isCounted), ({ from }) => from);
  const known = new Set<string>();
  const circleFrom = (path: readonly string[]): string | undefined => {
    const file = path.at(-1)!;
    if (path.indexOf(file) < path.length - 1) return path.slice(path.indexOf(file)).join(" -> ");
    if (known.has(file)) return undefined;
    const circle = next
      .get(file)
      ?.map(({ to }) => circleFrom([...path, to]))
      .find(Boolean);
    known.add(file);
    return circle;
  };
  expect(files.map((file) => circleFrom([file])).filter(Boolean)).toEqual([]);
});

it("names the file it imports, extension included", () => {
  const hasExtension = (to: string) => /\.(ts|js|mjs|json|svelte|css|txt|sql|html|wasm|bin|svg)(\?\w+)?$/.test(to);
  const isOurs = within(...FOLDERS);
  // SvelteKit generates ./$types, which has no file.
  expect(breaking(({ to }) => isOurs(to) && !hasExtension(to) && !to.endsWith("/$types"))).toEqual([]);
});

it("writes SQL in store files only", () => {
  const sql =
    /["'`\s](SELECT\s[\w*(]|INSERT (OR \w+ )?INTO\s|UPDATE \w+ SET\s|DELETE FROM\s|CREATE (TABLE|INDEX|TRIGGER)\s)/;
  const mayHoldSql = (file: string) =>
    within("test")(file) ||
    file.endsWith("store.ts") ||
    // The record that commits with every effect, and the table the migrations themselves are kept in.
    ["domain/idempotency.ts", "scripts/start/migrate.ts"].includes(file);
  expect(files.filter((file) => !mayHoldSql(file) && sql.test(withoutComments(sourceOf(file))))).toEqual([]);
});

it("reads the wall clock in clock.ts only", () => {
  const clock = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/;
  const onServer = within("workers", "durable-objects", "domain");
  expect(
    files.filter((file) => onServer(file) && file !== "domain/clock.ts" && clock.test(withoutComments(sourceOf(file)))),
  ).toEqual([]);
});

it("never takes a Stripe event without checking its signature", () => {
  const unchecked = /constructEventWithoutVerification|unsafeConstructEvent/;
  const own = "test/scripts/import-rule.test.ts";
  expect(files.filter((file) => file !== own && unchecked.test(sourceOf(file)))).toEqual([]);
});

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|svelte)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.endsWith(".gen.ts") && !path.split("/").some((part) => SKIPPED.has(part)));
}

function importsOf(file: string): Import[] {
  const statement = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*${}\s,]+?\s+from\s+)?["']([^"']+)["']/g;
  const dynamic = /\bimport\(\s*["']([^"']+)["']\s*\)/g;
  const source = withoutComments(sourceOf(file));
  const found = [
    ...Array.from(source.matchAll(statement), (match) => ({ to: match[2]!, typeOnly: match[1] !== undefined })),
    ...Array.from(source.matchAll(dynamic), (match) => ({ to: match[1]!, typeOnly: false })),
  ];
  return found.map(({ to, typeOnly }) => ({ from: file, to: resolved(file, to), typeOnly }));
}

function resolved(file: string, to: string): string {
  if (to.startsWith("$lib/")) return join("web/src/lib", to.slice("$lib/".length));
  return to.startsWith(".") ? join(dirname(file), to) : to;
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}
