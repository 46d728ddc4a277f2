// Signs the receipts of settled sessions, each wallet's in the order of its chain. Never on the way of an end: whoever
// reads a receipt has the wallet's signed up to it, and the cron signs what nobody reads. Safe to run any number of
// times and at once: the first signature of a receipt stays (domain/receipts/store.ts).

import { RECEIPT_TYPE } from "../../sdk/src/protocol/receipt.ts";
import { receiptDigest } from "../../sdk/src/receipts/verify.ts";
import type { Millis } from "../clock.ts";
import { publicJwks, signDocument, type PublishedKey, type SigningEnv } from "../identity/signing-keys.ts";
import { needsReports } from "../pricing/charge.ts";
import { readEventsMicro } from "../sessions/report-store.ts";
import { receiptDocument, receiptText } from "./document.ts";
import {
  keepSigned,
  listReceiptKeys,
  listUnsigned,
  outcomeReceiptOf,
  readSettled,
  type ReceiptFacts,
  type SettledSession,
  type SignedReceipt,
} from "./store.ts";

export interface ReceiptEnv extends SigningEnv {
  DB: D1Database;
  WEB_ORIGIN: string;
}

/** Receipts of one D1 batch: a signature is about 0.1 ms of CPU, a document a few kB. */
const BATCH_MAX = 50;
/** A wallet with more unsigned ones than this has them signed by the cron. */
const ROUNDS_MAX = 20;

/** Sign what waits, of one wallet or of all. @returns how many receipts were signed by this call or another meanwhile. */
export async function signDueReceipts(env: ReceiptEnv, walletId: string | null, now: Millis): Promise<number> {
  let count = 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const due = await listUnsigned(env.DB, walletId, BATCH_MAX);
    if (due.length === 0) return count;
    await keepSigned(env.DB, await signChain(env, due), now);
    count += due.length;
  }
  return count;
}

/** The signed receipt of a settled session; null for a sandbox session, which has none. */
export async function signedReceipt(env: ReceiptEnv, settled: SettledSession, now: Millis): Promise<string | null> {
  const { facts, jws } = settled;
  if (jws || facts.number === null) return jws;
  await signDueReceipts(env, facts.walletId, now);
  const { id } = facts.session;
  return (await readSettled(env.DB, facts.corrects === null ? id : outcomeReceiptOf(id)))?.jws ?? null;
}

/** Every key a receipt may be signed with: the present ones, and those that ever signed one. */
export async function receiptKeys(env: ReceiptEnv): Promise<{ keys: PublishedKey[] }> {
  const [{ keys: present }, used] = await Promise.all([publicJwks(env), listReceiptKeys(env.DB)]);
  const known = new Set(present.map(({ kid }) => kid));
  return { keys: [...present, ...used.filter(({ kid }) => !known.has(kid))] };
}

/** Each names the digest of the one before it: of the stored one, or of the one just signed here. */
async function signChain(env: ReceiptEnv, due: ReceiptFacts[]): Promise<SignedReceipt[]> {
  const signed: SignedReceipt[] = [];
  let before: { walletId: string; digest: string } | null = null;
  for (const facts of due) {
    const previous: string | null = before?.walletId === facts.walletId ? before.digest : facts.previous;
    const events = needsReports(facts.session.components) ? await readEventsMicro(env.DB, facts.session.id) : undefined;
    const document = await receiptDocument(env.WEB_ORIGIN, { ...facts, previous }, events);
    const { jws, key } = await signDocument(env, RECEIPT_TYPE, receiptText(document));
    const digest = await receiptDigest(jws);
    const { id } = facts.session;
    signed.push({ receiptId: facts.corrects === null ? id : outcomeReceiptOf(id), previous, jws, digest, key });
    before = { walletId: facts.walletId, digest };
  }
  return signed;
}
