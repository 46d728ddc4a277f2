// What the stand-in has answered is still there after kill -9: open orders must not be orphaned by a restart.

import { fork, type ChildProcess } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { openJournal } from "./journal.ts";
import { State } from "./state.ts";

const directory = mkdtempSync(join(tmpdir(), "stripe-standin-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The real program, on a port of its own choice. */
async function start(stateDir: string): Promise<{ child: ChildProcess; stripe: Stripe; origin: string }> {
  const child = fork(join(import.meta.dirname, "server.ts"), [], {
    env: {
      ...process.env,
      STRIPE_PORT: "0",
      STANDIN_STATE_DIR: stateDir,
      STANDIN_WEBHOOK_URL: "http://127.0.0.1:1/nobody",
    },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  // A test that fails in the middle must not leave it running.
  onTestFinished(() => void child.kill("SIGKILL"));
  const port = await new Promise<number>((resolve) =>
    child.stdout!.on("data", (line: Buffer) => resolve(Number(/localhost:(\d+)/.exec(line.toString())![1]))),
  );
  const stripe = new Stripe("sk_test_standin", { host: "localhost", port, protocol: "http", telemetry: false });
  return { child, stripe, origin: `http://localhost:${port}` };
}
const end = (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> =>
  new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill(signal);
  });

const undelivered = async (origin: string): Promise<unknown[]> =>
  ((await (await fetch(`${origin}/_dev/state`)).json()) as { undelivered: unknown[] }).undelivered;

describe("the journal", () => {
  it("keeps everything answered before kill -9: sessions, payments, keys and undelivered events", async () => {
    const before = await start(directory);
    const session = await before.stripe.checkout.sessions.create(
      {
        mode: "payment",
        success_url: "http://localhost:5173/done",
        line_items: [{ quantity: 1, price_data: { currency: "usd", unit_amount: 600, product_data: { name: "x" } } }],
      },
      { idempotencyKey: "same" },
    );
    const paid = await fetch(`${before.origin}/_dev/checkout/${session.id}/pay`, {
      method: "POST",
      body: '{"card":"4242424242424242"}',
    });
    expect(paid.status).toBe(200);
    const told = await undelivered(before.origin);
    expect(told.length).toBeGreaterThan(0);
    await end(before.child, "SIGKILL");

    const after = await start(directory);
    expect(await after.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: "complete",
      payment_status: "paid",
    });
    expect(await undelivered(after.origin)).toHaveLength(told.length);
    const again = await after.stripe.checkout.sessions.create(
      {
        mode: "payment",
        success_url: "http://localhost:5173/done",
        line_items: [{ quantity: 1, price_data: { currency: "usd", unit_amount: 600, product_data: { name: "x" } } }],
      },
      { idempotencyKey: "same" },
    );
    expect(again.id).toBe(session.id);
    expect(await end(after.child, "SIGTERM")).toBe(0);
  }, 20_000);

  it("drops a line that was torn by the kill and keeps the ones before", () => {
    const folder = mkdtempSync(join(directory, "torn-"));
    const state = new State(openJournal(folder));
    state.put("note.setting", { id: "hold", on: true });
    state.flush();
    appendFileSync(join(folder, "journal.jsonl"), '[["note.setting","hold",{"id":"hold","on":fal');
    expect(new State(openJournal(folder)).find("note.setting", "hold")).toEqual({ id: "hold", on: true });
  });

  it("forgets what is past when it is opened", () => {
    const folder = mkdtempSync(join(directory, "compact-"));
    const path = join(folder, "journal.jsonl");
    const lines = Array.from(
      { length: 100 },
      (_, i) => `[["note.setting","hold",{"id":"hold","on":${i % 2 === 0}}]]\n`,
    );
    writeFileSync(path, lines.join(""));
    openJournal(folder);
    expect(readFileSync(path, "utf8")).toBe('[["note.setting","hold",{"id":"hold","on":false}]]\n');
  });
});

describe("a busy port", () => {
  it("ends the program with one clear line", async () => {
    const first = await start(mkdtempSync(join(directory, "busy-")));
    const port = new URL(first.origin).port;
    const second = fork(join(import.meta.dirname, "server.ts"), [], {
      env: { ...process.env, STRIPE_PORT: port },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let said = "";
    second.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((resolve) => second.once("exit", resolve));
    expect(code).toBe(1);
    expect(said).toBe(`Port ${port} is busy. Choose another with STRIPE_PORT.\n`);
    await end(first.child, "SIGTERM");
  }, 20_000);
});
