// Queued reports outlive the process that made them: with the file of the package, through a real kill, and with any store
// that keeps the contract.

import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { fileStore } from "../../sdk/node.ts";
import type { ReportResult, UsageReport } from "../../sdk/src/protocol/session.ts";
import { Marketplace, type ReportStore } from "../../sdk/src/server/marketplace.ts";
import { fakeApi } from "./fake-api.ts";

const folder = mkdtempSync(join(tmpdir(), "reports-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A marketplace that counts each key once, and what it heard. */
async function market() {
  const heard: string[] = [];
  const counted = new Set<string>();
  const api = await fakeApi((request) => {
    const { events } = request.body as { events: UsageReport[] };
    const results = events.map(({ idempotencyKey: key }) => {
      heard.push(key);
      const status = counted.has(key) ? ("duplicate" as const) : ("accepted" as const);
      counted.add(key);
      return { status };
    });
    return { body: { results } };
  });
  return { api, heard, counted };
}
const client = (origin: string, store: ReportStore, more: object = {}) =>
  new Marketplace({ apiKey: "mk_test_a", baseUrl: origin, retries: 0, store, ...more });
const use = (key: string) => ({ sessionId: "s-1", meter: "row", units: 1, idempotencyKey: key });

/** A provider's process: queues so many records, says so, and never gets to flush. */
const QUEUES = `
  import { Marketplace } from ${JSON.stringify(join(import.meta.dirname, "../../sdk/src/server/marketplace.ts"))};
  import { fileStore } from ${JSON.stringify(join(import.meta.dirname, "../../sdk/node.ts"))};
  const [path, origin, count] = process.argv.slice(1);
  const marketplace = new Marketplace({ apiKey: "mk_test_a", baseUrl: origin, store: fileStore(path) });
  for (let i = 0; i < Number(count); i += 1)
    void marketplace.tokens.enqueue({ sessionId: "s-1", meter: "row", units: 1, idempotencyKey: "killed-" + i });
  process.stdout.write("queued " + marketplace.tokens.queued);
  process.stdin.resume();
`;

async function queueAndKill(path: string, origin: string, count: number): Promise<string> {
  const args = ["--input-type=module-typescript", "-e", QUEUES, path, origin, String(count)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const said = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  child.kill("SIGKILL");
  await ended;
  return said;
}

describe("the file", () => {
  it("brings the records of a process that was killed between queue and flush to the next one, once each", async () => {
    const { api, heard, counted } = await market();
    const path = join(folder, "killed.jsonl");
    expect(await queueAndKill(path, api.origin, 20)).toBe("queued 20");
    expect(heard).toEqual([]);

    const recovered: [string, ReportResult["status"]][] = [];
    const onRecovered = (report: UsageReport, result: ReportResult) =>
      void recovered.push([report.idempotencyKey, result.status]);
    const store = fileStore(path);
    const next = client(api.origin, store, { onRecovered });
    const own = next.tokens.enqueue(use("own"));
    await next.tokens.flush();
    expect(await own).toMatchObject({ status: "accepted" });
    const keys = Array.from({ length: 20 }, (_, i) => `killed-${i}`);
    expect(heard).toEqual([...keys, "own"]);
    expect(recovered).toEqual(keys.map((key) => [key, "accepted"]));
    store.close();

    const after = fileStore(path);
    await client(api.origin, after).tokens.flush();
    expect(heard).toHaveLength(21);
    expect(counted.size).toBe(21);
    after.close();
  }, 20_000);

  it("is sent again, and counted once, when the process ended between answer and note", async () => {
    const { api, heard, counted } = await market();
    const path = join(folder, "again.jsonl");
    const before = fileStore(path);
    const forgetful: ReportStore = { ...before, remove: () => {} };
    const first = client(api.origin, forgetful);
    void first.tokens.enqueue(use("twice"));
    await first.tokens.flush();
    before.close();
    const store = fileStore(path);
    const results: ReportResult["status"][] = [];
    const onRecovered = (_report: UsageReport, { status }: ReportResult) => void results.push(status);
    await client(api.origin, store, { onRecovered }).tokens.flush();
    expect([heard, [...counted], results]).toEqual([["twice", "twice"], ["twice"], ["duplicate"]]);
    store.close();
  });

  it("drops a line torn by the kill, keeps the ones before, and is written anew without what is over", async () => {
    const path = join(folder, "torn.jsonl");
    const store = fileStore(path, { sync: true });
    for (const key of ["a", "b", "c"]) void store.append({ ...use(key), units: "1" } as UsageReport);
    void store.remove(["b", "never"]);
    store.close();
    appendFileSync(path, '{"add":{"sessionId":"s-1","idempot');
    const opened = fileStore(path);
    expect((await opened.load()).map(({ idempotencyKey }) => idempotencyKey)).toEqual(["a", "c"]);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(3);
    opened.close();
  });

  it("belongs to one process", () => {
    const path = join(folder, "locked.jsonl");
    // Process 1 lives everywhere.
    appendFileSync(`${path}.lock`, "1");
    expect(() => fileStore(path)).toThrow(/a file of its own/);
  });
});

describe("a store of one's own", () => {
  function memory(delay: Promise<void> = Promise.resolve()) {
    const kept = new Map<string, UsageReport>();
    const store: ReportStore = {
      append: async (report) => {
        await delay;
        kept.set(report.idempotencyKey, report);
      },
      remove: async (keys) => {
        for (const key of keys) kept.delete(key);
      },
      load: async () => [...kept.values()],
    };
    return { kept, store };
  }

  it("keeps a record before it is sent, and forgets it after the answer", async () => {
    const { api, heard } = await market();
    let let_go = () => {};
    const { kept, store } = memory(new Promise((resolve) => (let_go = resolve)));
    const { tokens } = client(api.origin, store);
    const result = tokens.enqueue(use("slow"));
    const flushed = tokens.flush();
    expect([heard.length, tokens.queued]).toEqual([0, 0]);
    let_go();
    await flushed;
    expect(await result).toMatchObject({ status: "accepted" });
    expect([heard, kept.size]).toEqual([["slow"], 0]);
  });

  it("keeps what the marketplace could not judge", async () => {
    const api = await fakeApi((request) => ({
      body: { results: (request.body as { events: unknown[] }).events.map(() => ({ status: "unavailable" })) },
    }));
    const { kept, store } = memory();
    const { tokens } = client(api.origin, store);
    void tokens.enqueue(use("later"));
    await tokens.flush();
    expect([[...kept.keys()], tokens.queued]).toEqual([["later"], 1]);
  });

  it("that takes no more refuses the caller, and one that cannot read or forget holds nothing up", async () => {
    const { api, heard } = await market();
    const onError = vi.fn<(error: unknown) => void>();
    const broken = () => Promise.reject(new Error("no disk"));
    const full = client(api.origin, { append: broken, remove: broken, load: broken }, { onError });
    await expect(full.tokens.enqueue(use("refused"))).rejects.toThrow("no disk");
    await full.tokens.flush();
    expect(heard).toEqual([]);
    const deaf = client(api.origin, { append: () => {}, remove: broken, load: broken }, { onError });
    const result = deaf.tokens.enqueue(use("sent"));
    await deaf.tokens.flush();
    expect(await result).toMatchObject({ status: "accepted" });
    expect(onError).toHaveBeenCalledWith(new Error("no disk"));
  });
});
