// Running the pinned command-line tools as child processes, the same way from every script.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./start/settings.ts";

export interface CommandResult {
  code: number;
  /** Standard output and error, in the order they came. */
  output: string;
}

export interface CommandOptions {
  /** Relative to the root. */
  cwd?: string;
  env?: Record<string, string>;
  /** Show the output as it comes, besides collecting it: on the screen, or through this. */
  echo?: boolean | ((text: string) => void);
}

/** Offline and silent: without these, wrangler asks Cloudflare for request data and sends statistics. */
const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_LOG_PATH: join(ROOT, ".meterplace", "logs"),
};

/** Runs a tool from node_modules/.bin (or `node` itself) to its end. Never rejects for a non-zero exit. */
export function run(command: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, "node_modules", ".bin", command), args, {
      cwd: join(ROOT, options.cwd ?? "."),
      env: { ...process.env, ...QUIET, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
      output += chunk.toString();
      if (typeof options.echo === "function") options.echo(chunk.toString());
      else if (options.echo) stream.write(chunk);
    };
    child.stdout.on("data", collect(process.stdout));
    child.stderr.on("data", collect(process.stderr));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Like `run`, but a failure throws with everything the tool said. */
export async function runOrThrow(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed (exit ${code}):\n${output.trim()}`);
  return output;
}
