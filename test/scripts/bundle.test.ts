// What goes to production, built as a deployment would: nothing of the test programs may be in it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SENTINEL } from "../stripe-standin/app.ts";
import { SCRIPTED_AI_SENTINEL } from "../support/scripted-ai.ts";

const root = join(import.meta.dirname, "../..");
const out = mkdtempSync(join(tmpdir(), "bundle-"));
let bundle = "";

beforeAll(() => {
  execFileSync("wrangler", ["deploy", "--dry-run", "--env", "production", "--outdir", out], {
    cwd: root,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" },
    stdio: "pipe",
  });
  bundle = filesUnder(out)
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}, 60_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe("the production bundle", () => {
  it("holds the Worker and its door to Stripe", () => {
    expect(bundle).toContain("/v1/stripe/webhook");
    expect(bundle).toContain("2026-10-28.endive");
  });

  it("holds nothing of the Stripe stand-in", () => {
    expect(SENTINEL.length).toBeGreaterThan(20);
    expect(bundle).not.toContain(SENTINEL);
    expect(bundle).not.toContain("Local test payment page");
  });

  it("binds the platform's Workers AI, and holds nothing of the scripted one", () => {
    const production = readFileSync(join(root, "wrangler.toml"), "utf8").split("\n[env.production]\n")[1];
    expect(production).toContain('[env.production.ai]\nbinding = "AI"');
    expect(production).not.toContain("LocalAI");
    expect(SCRIPTED_AI_SENTINEL.length).toBeGreaterThan(20);
    expect(bundle).not.toContain(SCRIPTED_AI_SENTINEL);
    expect(bundle).not.toContain("workers-ai-provider");
  });
});
