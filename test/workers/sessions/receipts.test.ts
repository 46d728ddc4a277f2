// Signed receipts through the real Worker: what they say, their chain, who may read them, and that they outlive keys.

import { env } from "cloudflare:test";
import { exportJWK, generateKeyPair } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signDueReceipts } from "../../../domain/receipts/sign-receipts.ts";
import { verifyReceipts, type Jwks } from "../../../sdk/src/receipts/verify.ts";
import {
  aPerson,
  anApp,
  booksAreSound,
  call,
  freshToken,
  passSeconds,
  ring,
  started,
  sync,
  useVirtualClock,
  work,
  type Person,
} from "../../support/market.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

interface ReceiptBody {
  receipt: Record<string, unknown>;
  signed: string;
}
interface ReceiptsBody {
  receipts: { number: number; sessionId: string; signed: string }[];
  nextCursor: string | null;
}
const keysNow = async () => (await call<Jwks>("GET", "/.well-known/receipt-keys.json", null)).body;
const end = (person: Person, id: string) => call("POST", `/v1/sessions/${id}/complete`, person.token);
const receiptOf = async (person: Person, id: string) =>
  (await call<ReceiptBody>("GET", `/v1/sessions/${id}/receipt`, person.token)).body;

async function aSettledSession(person: Person, seconds = 60): Promise<string> {
  const session = await started(person, await anApp(500));
  await work(session, seconds);
  await end(person, session.id);
  return session.id;
}

describe("a signed receipt", () => {
  it("says what the plain one says: intervals, extension, use, share, fee, what came back and what the pause saved", async () => {
    const person = await aPerson(5_000);
    const app = await anApp([
      { meter: "hour", price: { model: "per_unit", unit: "360" } },
      { meter: "scene", price: { model: "per_unit", unit: "5" }, holdPerHour: 12 },
    ]);
    const session = await started(person, app, 30);
    await work(session, 600);
    await call("POST", "/v1/provider/tokens/report", app.key, {
      sessionId: session.id,
      meter: "scene",
      units: 3,
      idempotencyKey: "s",
    });
    await call("POST", `/v1/sessions/${session.id}/extend`, person.token, { minutes: 30 });
    // Nobody there: the clock stops 120 s after the last activity, and 80 s pass before the person is back.
    for (let beat = 0; beat < 6; beat++) {
      passSeconds(30);
      await sync(session.token, { action: "heartbeat" });
    }
    passSeconds(20);
    await sync(session.token, { action: "heartbeat", active: true });
    await work(session, 60);
    await end(person, session.id);
    await sync(app.key, { action: "complete", sessionId: session.id, final: true });

    const { receipt, signed } = await receiptOf(person, session.id);
    expect(receipt).toMatchObject({ number: 1, activeSeconds: 780, autoPausedSeconds: 80, savedByAutoPauseTokens: 8 });
    const { isGenuine, receipts } = await verifyReceipts(signed, await keysNow());
    expect(isGenuine).toBe(true);
    expect(receipts[0]!.document).toMatchObject({
      iss: env.WEB_ORIGIN,
      number: 1,
      previous: null,
      session: { id: session.id, endReason: "user_ended", durationSeconds: 3_600 },
      price: { versionId: receipt.priceVersionId, feeBasisPoints: 2_000, tokenCents: 1, currency: "usd" },
      time: { activeSeconds: 780, pausedSeconds: 80, autoPausedSeconds: 80 },
      intervals: [
        { kind: "active", cause: null },
        { kind: "paused", cause: "idle" },
        { kind: "active", cause: null },
      ],
      extensions: [{ seconds: 1_800, heldTokens: 210, automatic: false }],
      lines: [{ meter: "hour" }, { meter: "scene", quantity: "3", amount: "15" }],
      tokens: { held: 420, used: 93, returned: 327, providerShare: 75, platformFee: 18, savedByAutoPause: 8 },
    });
    // Nothing of the person is in it.
    const text = JSON.stringify(receipts[0]!.document);
    for (const secret of [person.userId, person.walletId, "example.com"]) expect(text).not.toContain(secret);
  });

  it("is the same at every reading, also when many read it first at once", async () => {
    const person = await aPerson(5_000);
    const ids = [await aSettledSession(person), await aSettledSession(person), await aSettledSession(person)];
    const read = await Promise.all([...ids, ...ids.toReversed(), ...ids].map((id) => receiptOf(person, id)));
    expect(new Set(read.map(({ signed }) => signed)).size).toBe(3);
    await signDueReceipts(env, null, Date.now());
    const { body } = await call<ReceiptsBody>("GET", "/v1/receipts", person.token);
    expect(body.receipts.map(({ number, sessionId }) => [number, sessionId])).toEqual(
      ids.map((id, index) => [index + 1, id]),
    );
    const chain = body.receipts.map(({ signed }) => signed);
    expect(chain.toSorted()).toEqual([...new Set(read.map(({ signed }) => signed))].toSorted());
    expect(await verifyReceipts(chain.join("\n"), await keysNow())).toMatchObject({
      isGenuine: true,
      fromTheBeginning: true,
    });
  });

  it("is signed by the cron when nobody asks, each wallet's in its own chain", async () => {
    const people = [await aPerson(5_000), await aPerson(5_000)];
    for (const person of [...people, ...people]) await aSettledSession(person);
    await signDueReceipts(env, null, Date.now());
    const { results } = await env.DB.prepare("SELECT count(*) AS n FROM receipts WHERE jws IS NULL").all();
    expect(results).toEqual([{ n: 0 }]);
    for (const person of people) {
      const page = await call<ReceiptsBody>("GET", "/v1/receipts?limit=1", person.token);
      const rest = await call<ReceiptsBody>("GET", `/v1/receipts?cursor=${page.body.nextCursor}`, person.token);
      const chain = [...page.body.receipts, ...rest.body.receipts].map(({ signed }) => signed);
      expect(chain).toHaveLength(2);
      expect((await verifyReceipts(chain.join("\n"), await keysNow())).isGenuine).toBe(true);
    }
  });

  it("stays checkable when its key was replaced and is no longer ours to sign with", async () => {
    const person = await aPerson(5_000);
    const first = await receiptOf(person, await aSettledSession(person));
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const later = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "test-2" };
    const second = await aSettledSession(person);
    await signDueReceipts({ ...env, SIGNING_KEYS: JSON.stringify({ keys: [later] }) }, person.walletId, Date.now());
    const { signed } = await receiptOf(person, second);
    const keys = await keysNow();
    expect(keys.keys.map(({ kid }) => kid).toSorted()).toEqual(["test-1", "test-2"]);
    expect(keys.keys.every((key) => !("d" in key))).toBe(true);
    const { isGenuine, receipts } = await verifyReceipts(`${first.signed}\n${signed}`, keys);
    expect([isGenuine, receipts.map(({ kid }) => kid)]).toEqual([true, ["test-1", "test-2"]]);
  });

  it("is given for a session nobody came to, and never for another's or one that still runs", async () => {
    const person = await aPerson(5_000);
    const app = await anApp(500);
    const running = await started(person, app);
    const pending = await call<{ code: string }>("GET", `/v1/sessions/${running.id}/receipt`, person.token);
    expect([pending.status, pending.body.code]).toEqual([409, "settlement_pending"]);
    const { body } = await call<{ session: { id: string } }>("POST", "/v1/sessions/create", person.token, {
      providerId: app.id,
      durationMinutes: 5,
    });
    await end(person, body.session.id);
    const { receipt, signed } = await receiptOf(person, body.session.id);
    expect(receipt).toMatchObject({ number: 1, endReason: "never_started", tokensConsumed: 0 });
    expect((await verifyReceipts(signed, await keysNow())).isGenuine).toBe(true);
    const stranger = await aPerson(0);
    expect((await call("GET", `/v1/sessions/${body.session.id}/receipt`, stranger.token)).status).toBe(404);
    expect((await call("GET", "/v1/receipts", null)).status).toBe(401);
    await end(person, running.id);
  });

  it("cannot be changed, taken away or put elsewhere in the database", async () => {
    const person = await aPerson(5_000);
    const id = await aSettledSession(person);
    await receiptOf(person, id);
    for (const sql of [
      "UPDATE receipts SET jws = 'x', digest = 'x' WHERE session_id = ?",
      "UPDATE receipts SET seq = 9 WHERE session_id = ?",
      "DELETE FROM receipts WHERE session_id = ?",
    ])
      await expect(env.DB.prepare(sql).bind(id).run()).rejects.toThrow("receipt_sealed");
    const [second, third] = [await aSettledSession(person), await aSettledSession(person)];
    const forge = "UPDATE receipts SET jws = 'x', digest = 'x', signed_at = 1 WHERE session_id = ?";
    await expect(env.DB.prepare(forge).bind(third).run()).rejects.toThrow("receipt_out_of_order");
    await receiptOf(person, second);
  });

  it("survives the session's object: one that abandoned itself has one too", async () => {
    const person = await aPerson(5_000);
    const session = await started(person, await anApp(500));
    await work(session, 300);
    passSeconds(3_600);
    await ring(session.id);
    const { receipt, signed } = await receiptOf({ ...person, token: await freshToken(person) }, session.id);
    expect(receipt).toMatchObject({ endReason: "abandoned", activeSeconds: 300, autoPausedSeconds: 1_800 });
    expect((await verifyReceipts(signed, await keysNow())).isGenuine).toBe(true);
  });
});
