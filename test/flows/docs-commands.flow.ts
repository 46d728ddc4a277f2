// The commands of the guides, run as they are written against the whole stack: each must be answered with a success.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "./support/flow.ts";

const DOCS = join(import.meta.dirname, "../../docs");
/** A block with a word in capitals for the reader to fill in cannot be run; its call is tested where the word is known. */
const PLACEHOLDER = /"SESSION_ID"/;

function commandsOf(guide: string, api: string): string {
  const text = readFileSync(join(DOCS, guide), "utf8");
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .map((match) => match[1]!)
    .filter((block) => !PLACEHOLDER.test(block));
  expect(blocks.length).toBeGreaterThan(0);
  // -f: a refusal fails the command, and with it the script.
  return blocks.join("\n").replaceAll("http://localhost:3000", api).replaceAll("curl -s ", "curl -sS -f ");
}

for (const guide of ["auth-flow.md", "session-flow.md", "quickstart.md", "api-face.md"])
  test(`every command of docs/${guide} works as written`, async ({ origins }) => {
    const folder = mkdtempSync(join(tmpdir(), "meterplace-guide-"));
    try {
      const script = `set -euo pipefail\n${commandsOf(guide, origins.api)}`;
      const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: folder });
      expect(stdout).toContain("{");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
