// The package as it would be published: its shape, its types, what a bundler keeps of it, and that it runs where it says.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { buildTypes } from "../../sdk/build.ts";
import { inProcess, inWorkerd, makeScene, withApi, type Outcome } from "../runtimes/scene.ts";

const ROOT = join(import.meta.dirname, "../..");
const SDK = join(ROOT, "sdk");
interface Manifest {
  exports: Record<string, string | { types: string; default: string }>;
  dependencies?: unknown;
}
const manifest = JSON.parse(readFileSync(join(SDK, "package.json"), "utf8")) as Manifest;

beforeAll(buildTypes, 60_000);

describe("the package", () => {
  it("finds publint content: every entry is there, is a module and has its types", async () => {
    const { messages } = await publint({ pkgDir: SDK, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  it("contains every file its entries name, and nothing but the build", () => {
    const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: SDK,
      encoding: "utf8",
    });
    const [packed] = Object.values(JSON.parse(output) as Record<string, { files: { path: string }[]; size: number }>);
    const paths = packed!.files.map(({ path }) => path);
    const named = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry),
    );
    for (const path of [...named, "./dist/cli.js"]) expect(paths, path).toContain(path.slice("./".length));
    expect(paths.filter((path) => !/^(dist\/|package\.json$|README\.md$|LICENSE)/.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.test\.|fixture/.test(path))).toEqual([]);
    expect(packed!.size).toBeLessThan(400_000);
    expect(manifest.dependencies).toBeUndefined();
  });

  it("has types that a strict app can use", () => {
    const file = join(ROOT, "test/runtimes/consumer.mts");
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      // Our declarations are checked, the language's own are not ours to check.
      skipDefaultLibCheck: true,
      types: [],
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    const told = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ messageText, file: where }) => `${where?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      );
    expect(told).toEqual([]);
  });

  it("costs an app only what it uses", async () => {
    const kept = async (code: string) => {
      const { outputFiles } = await build({
        stdin: { contents: code, resolveDir: ROOT },
        bundle: true,
        format: "esm",
        minify: true,
        write: false,
        logLevel: "silent",
      });
      return outputFiles[0]!.text;
    };
    const whole = await kept('import * as all from "@meterplace/sdk"; globalThis.all = all;');
    const hook = await kept('import { verifyWebhook } from "@meterplace/sdk"; globalThis.hook = verifyWebhook;');
    expect(await kept('import "@meterplace/sdk"; import "@meterplace/sdk/express";')).toBe("");
    expect(hook.length).toBeLessThan(whole.length / 3);
    expect(hook).not.toContain("/v1/provider");
  });
});

describe("the server client, from the package", () => {
  const broken = (outcomes: Outcome[]) => outcomes.filter(({ error }) => error !== null);

  it.each([
    ["Node", (scene: object) => inProcess(process.execPath, [], scene)],
    ["workerd, without any flag", inWorkerd],
  ])(
    "does all it promises in %s",
    async (_name, walkIn) => {
      await withApi(async (origin, publish) => {
        const { jwks, scene } = await makeScene(origin);
        publish(jwks);
        const outcomes = await walkIn(scene);
        expect(outcomes.length).toBeGreaterThanOrEqual(11);
        expect(broken(outcomes)).toEqual([]);
      });
    },
    60_000,
  );
});
