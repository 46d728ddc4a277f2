// Receipts checked offline, as anybody can: by the function, by the command of the packed package in a folder of its own,
// and by the recipe of docs/receipts.md with openssl.

import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RECEIPT_TYPE, type ReceiptDocument } from "../../sdk/src/protocol/receipt.ts";
import { canonicalJson } from "../../sdk/src/receipts/canonical.ts";
import { receiptDigest, verifyReceipts, type Jwks } from "../../sdk/src/receipts/verify.ts";

const ROOT = join(import.meta.dirname, "../..");
type Key = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
let [oldKey, key, stranger]: Key[] = [];
let jwks: Jwks;
/** Five receipts of one wallet; the key was replaced after the second. */
let chain: string[];

const sign = (document: ReceiptDocument, kid: string, privateKey: Key, typ = RECEIPT_TYPE): Promise<string> =>
  new CompactSign(new TextEncoder().encode(canonicalJson(document)))
    .setProtectedHeader({ alg: "ES256", typ, kid })
    .sign(privateKey);

const START = Date.UTC(2026, 10, 26, 9);
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

/** 600 s at 360 tokens an hour with an idle pause of 60 s in it, and 3 scenes at 5 tokens. */
function receipt(number: number, previous: string | null): ReceiptDocument {
  return {
    version: 1,
    iss: "https://market.example",
    iat: START / 1000 + 660,
    chain: "c0ffee",
    number,
    previous,
    session: {
      id: `0199c3f0-0000-7000-8000-00000000b00${number}`,
      endReason: "user_ended",
      startedAt: at(0),
      endedAt: at(660),
      settledAt: at(660),
      durationSeconds: 3600,
    },
    provider: { id: "0199c3f0-0000-7000-8000-00000000a001", name: "Écrivain" },
    price: { versionId: "v1", components: [], feeBasisPoints: 2000, tokenCents: 1, currency: "usd" },
    time: { activeSeconds: 600, pausedSeconds: 60, autoPausedSeconds: 60 },
    intervals: [
      { kind: "active", cause: null, from: at(0), to: at(300) },
      { kind: "paused", cause: "idle", from: at(300), to: at(360) },
      { kind: "active", cause: null, from: at(360), to: at(660) },
    ],
    extensions: [],
    lines: [
      { meter: "hour", quantity: "0.166666666667", amount: "59.999999999999", cappedAt: null },
      { meter: "scene", quantity: "3", amount: "15", cappedAt: null },
    ],
    tokens: { held: 420, used: 75, returned: 345, providerShare: 60, platformFee: 15, savedByAutoPause: 6 },
  };
}

beforeAll(async () => {
  const pairs = await Promise.all([1, 2, 3].map(() => generateKeyPair("ES256", { extractable: true })));
  [oldKey, key, stranger] = pairs.map(({ privateKey }) => privateKey) as [Key, Key, Key];
  const published = await Promise.all(pairs.slice(0, 2).map(({ publicKey }) => exportJWK(publicKey)));
  jwks = { keys: published.map((jwk, index) => ({ ...jwk, kid: `k${index + 1}`, alg: "ES256", use: "sig" })) };
  chain = [];
  for (let number = 1; number <= 5; number++) {
    const previous = chain.length === 0 ? null : await receiptDigest(chain.at(-1)!);
    chain.push(await sign(receipt(number, previous), number <= 2 ? "k1" : "k2", number <= 2 ? oldKey! : key!));
  }
});

const codesOf = async (receipts: string[], keys = jwks) =>
  (await verifyReceipts(receipts.join("\n"), keys)).receipts.map(({ problem }) => problem?.code ?? "ok");

/** The same receipt with its document changed, and the old signature. */
function altered(jws: string, change: (text: string) => string): string {
  const [head, body, signature] = jws.split(".");
  const text = change(Buffer.from(body!, "base64url").toString());
  return [head, Buffer.from(text).toString("base64url"), signature].join(".");
}

describe("checking receipts", () => {
  it("finds a whole chain genuine across a change of keys, in every form it is given in", async () => {
    for (const text of [
      chain.join("\n"),
      `${chain.join("\r\n")}\n`,
      JSON.stringify({ receipts: chain.map((signed) => ({ signed })) }),
    ])
      expect(await verifyReceipts(text, jwks)).toMatchObject({ isGenuine: true, fromTheBeginning: true });
    const tail = await verifyReceipts(chain.slice(2).join("\n"), jwks);
    expect(tail).toMatchObject({ isGenuine: true, fromTheBeginning: false });
  });

  it("refuses one character changed, in the document, the signature or the header", async () => {
    const cheaper = altered(chain[1]!, (text) => text.replace('"used":75', '"used":74'));
    expect(await codesOf([cheaper])).toEqual(["signature"]);
    const [head, body, signature] = chain[0]!.split(".");
    const other = signature!.startsWith("A") ? "B" : "A";
    expect(await codesOf([[head, body, other + signature!.slice(1)].join(".")])).toEqual(["signature"]);
    const headers = [
      { alg: "none", typ: RECEIPT_TYPE, kid: "k1" },
      { alg: "ES256", typ: "at+jwt", kid: "k1" },
      { alg: "ES256", typ: RECEIPT_TYPE, kid: "k1", crit: ["b64"] },
      { alg: "ES256", typ: RECEIPT_TYPE, kid: "k9" },
    ].map((header) => [Buffer.from(JSON.stringify(header)).toString("base64url"), body, signature].join("."));
    expect((await Promise.all(headers.map((jws) => codesOf([jws])))).flat()).toEqual([
      "not_a_receipt",
      "not_a_receipt",
      "not_a_receipt",
      "unknown_key",
    ]);
    expect(await codesOf(["not.a.receipt"])).toEqual(["malformed"]);
    // CVE-2022-21449: r = s = 0.
    expect(await codesOf([[head, body, Buffer.alloc(64).toString("base64url")].join(".")])).toEqual(["signature"]);
  });

  it("refuses what a stranger signed, also under the name of our key", async () => {
    expect(await codesOf([await sign(receipt(1, null), "k1", stranger!)])).toEqual(["signature"]);
    expect(await codesOf([await sign(receipt(1, null), "mine", stranger!)])).toEqual(["unknown_key"]);
  });

  it("refuses receipts swapped, left out, repeated, forked or of another wallet", async () => {
    const [one, two, three, four, five] = chain as [string, string, string, string, string];
    expect(await codesOf([one, three, two, four])).toEqual(["ok", "missing", "out_of_order", "missing"]);
    expect(await codesOf([one, two, four, five])).toEqual(["ok", "ok", "missing", "ok"]);
    expect(await codesOf([one, one, two])).toEqual(["ok", "twice", "ok"]);
    const forked = await sign(receipt(2, await receiptDigest(five)), "k2", key!);
    expect(await codesOf([one, forked])).toEqual(["ok", "broken_link"]);
    expect(await codesOf([two, forked])).toEqual(["ok", "twice"]);
    const others = await sign({ ...receipt(2, await receiptDigest(one)), chain: "beef" }, "k2", key!);
    expect(await codesOf([one, others])).toEqual(["ok", "other_chain"]);
  });

  it("refuses a signed document whose times or amounts do not add up, or that is spelt in two ways", async () => {
    const good = receipt(1, null);
    const wrong: ReceiptDocument[] = [
      { ...good, tokens: { ...good.tokens, returned: 346 } },
      { ...good, tokens: { ...good.tokens, platformFee: 16, providerShare: 59 } },
      { ...good, tokens: { ...good.tokens, used: 76, returned: 344, providerShare: 61 } },
      { ...good, intervals: good.intervals.slice(1) },
      { ...good, intervals: good.intervals.toSpliced(1, 1) },
      { ...good, time: { ...good.time, activeSeconds: 601 } },
      { ...good, version: 2 as 1 },
    ];
    const signed = await Promise.all(wrong.map((document) => sign(document, "k2", key!)));
    expect((await Promise.all(signed.map((jws) => codesOf([jws])))).flat()).toEqual(wrong.map(() => "contents"));
    const twice = canonicalJson(good).replace('"number":1', '"number":9,"number":1');
    const spelt = await new CompactSign(new TextEncoder().encode(twice))
      .setProtectedHeader({ alg: "ES256", typ: RECEIPT_TYPE, kid: "k2" })
      .sign(key!);
    expect(await codesOf([spelt])).toEqual(["contents"]);
    expect(await codesOf([await sign(good, "k2", key!)])).toEqual(["ok"]);
  });

  it("says so when there is nothing to check, or nothing to check it with", async () => {
    await expect(verifyReceipts(" \n", jwks)).rejects.toThrow("no receipt");
    await expect(verifyReceipts(chain[0]!, { keys: [] })).rejects.toThrow("no P-256 key");
  });
});

describe("with what anybody has", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "receipts-"));
    writeFileSync(join(folder, "keys.json"), JSON.stringify(jwks));
    writeFileSync(join(folder, "receipts.jws"), `${chain.join("\n")}\n`);
    writeFileSync(join(folder, "receipt.jws"), chain[3]!);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (command: string, args: string[]) => {
    const options = { cwd: folder, env: { ...process.env, npm_config_offline: "true" } };
    try {
      return { ...(await promisify(execFile)(command, args, options)), code: 0 };
    } catch (error) {
      return error as { stdout: string; stderr: string; code: number };
    }
  };

  it("is checked by the packed package's command", { timeout: 60_000 }, async () => {
    // The build of this run is packed as it is; `prepack` would build it once more.
    await run("npm", ["pack", join(ROOT, "sdk"), "--ignore-scripts", "--pack-destination", folder]);
    const npx = ["--yes", "./meterplace-sdk-0.1.0.tgz"];
    const good = await run("npx", [...npx, "verify-receipt", "receipts.jws", "--jwks", "keys.json"]);
    expect(good.stdout).toContain("Genuine: 5 receipts, an unbroken chain from the first receipt on.");
    expect(good.stdout).toContain("Écrivain: 75 of 420 tokens, 345 returned");
    expect(good.code).toBe(0);

    // The same files without npm in front of them, which takes most of the time.
    await run("tar", ["-xzf", "meterplace-sdk-0.1.0.tgz"]);
    const check = (file: string) => run("node", ["package/dist/cli.js", "verify-receipt", file, "--jwks", "keys.json"]);
    writeFileSync(join(folder, "gap.jws"), [chain[0], chain[1], chain[3]].join("\n"));
    const gap = await check("gap.jws");
    expect([gap.code, gap.stdout]).toEqual([1, expect.stringContaining("Before number 4, number 3 is missing.")]);
    expect(gap.stdout).toContain("NOT GENUINE");
    expect((await check("nowhere.jws")).code).toBe(2);
  });

  const recipes = [...readFileSync(join(ROOT, "docs/receipts.md"), "utf8").matchAll(/```bash\n([\s\S]*?)```/g)].map(
    ([, script]) => script!,
  );
  const hasOpenssl = (() => {
    try {
      execFileSync("openssl", ["version"]);
      return true;
    } catch {
      return false;
    }
  })();

  it.skipIf(!hasOpenssl)("is checked by the recipe of the guide with openssl", async () => {
    expect(recipes).toHaveLength(2);
    const good = await run("bash", ["-c", recipes[0]!]);
    expect(good.stdout).toContain("Verified OK");
    expect(good.stdout).toContain('"number":4');
    writeFileSync(
      join(folder, "receipt.jws"),
      altered(chain[3]!, (text) => text.replace('"used":75', '"used":74')),
    );
    expect((await run("bash", ["-c", recipes[0]!])).stdout).toMatch(/Verification failure/i);
    writeFileSync(join(folder, "receipt.jws"), `${chain[2]}\n`);
    expect((await run("bash", ["-c", recipes[1]!])).stdout.trim()).toBe(await receiptDigest(chain[2]!));
  });
});
