#!/usr/bin/env node
// npx @meterplace/sdk verify-receipt FILE --jwks FILE|URL
// npx @meterplace/sdk listen --forward URL (listen.ts)
//
// The first says of each receipt whether it is genuine and what it charged, and of the whole whether the chain holds. Exit code 0:
// all genuine; 1: something is not; 2: it could not be checked.

import { readFileSync } from "node:fs";
import { RECEIPT_KEYS_PATH } from "../src/protocol/receipt.ts";
import { verifyReceipts, type CheckedReceipt, type Jwks, type Verification } from "../src/receipts/verify.ts";
import { listen } from "./listen.ts";

const USAGE = `Checks signed receipts. (Webhooks on your machine: meterplace listen)

  meterplace verify-receipt FILE --jwks FILE_OR_URL

FILE      one or more receipts; - reads from standard input
--jwks    the marketplace's receipt keys: a file, or an address such as https://<marketplace>${RECEIPT_KEYS_PATH}
--json    answer as JSON
`;

const EXIT = { genuine: 0, refused: 1, unchecked: 2 } as const;
const FETCH_TIMEOUT_MS = 10_000;

const [first, ...rest] = process.argv.slice(2);
process.exitCode = first === "listen" ? await listen(rest) : await run(process.argv.slice(2));

async function run(args: string[]): Promise<number> {
  const [command, file] = args.filter((arg, index) => !arg.startsWith("--") && args[index - 1] !== "--jwks");
  const source = args[args.indexOf("--jwks") + 1];
  if (command !== "verify-receipt" || !file || !args.includes("--jwks") || !source) {
    process.stderr.write(USAGE);
    return EXIT.unchecked;
  }
  try {
    const verification = await verifyReceipts(readFileSync(file === "-" ? 0 : file, "utf8"), await readJwks(source));
    process.stdout.write(args.includes("--json") ? `${JSON.stringify(verification, null, 2)}\n` : told(verification));
    return verification.isGenuine ? EXIT.genuine : EXIT.refused;
  } catch (error) {
    process.stderr.write(`Not checked. ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.unchecked;
  }
}

async function readJwks(source: string): Promise<Jwks> {
  if (!/^https?:\/\//.test(source)) return JSON.parse(readFileSync(source, "utf8")) as Jwks;
  const answer = await fetch(source, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${source} answered ${answer.status}.`);
  return (await answer.json()) as Jwks;
}

function told({ receipts, isGenuine, fromTheBeginning }: Verification): string {
  const lines = receipts.map((receipt, index) => `${lineOf(receipt, index)}\n`);
  if (!isGenuine) return `${lines.join("")}NOT GENUINE\n`;
  const chain =
    receipts.length === 1
      ? ""
      : fromTheBeginning
        ? ", an unbroken chain from the first receipt on"
        : ", an unbroken piece of a chain";
  return `${lines.join("")}Genuine: ${receipts.length} ${receipts.length === 1 ? "receipt" : "receipts"}${chain}.\n`;
}

function lineOf({ document, kid, problem }: CheckedReceipt, index: number): string {
  if (problem) return `REFUSED  ${document?.number ?? `line ${index + 1}`}  ${problem.message} [${problem.code}]`;
  const { number, session, provider, tokens } = document!;
  return `ok       ${number}  ${session.endedAt}  ${provider.name}: ${tokens.used} of ${tokens.held} tokens, ${tokens.returned} returned (session ${session.id}, key ${kid})`;
}
