// What Node has to give up for a history to be repeatable: its clock, its timers, its chance and its threads. The clock
// stands unless somebody lets it pass; a sleep passes it; ids come from the seed; cryptography answers at once.

import * as crypto from "node:crypto";
import type { webcrypto as WebCrypto } from "node:crypto";
import { Dice } from "./dice.ts";

/** Sleeps of the code under test are shorter, its timeouts are longer. */
const SLEEP_MAX_MS = 8_000;

export interface Platform {
  now(): number;
  setTime(at: number): void;
  /** New ids from this seed. */
  reseed(seed: number): void;
}

let runs = 0;

export function installPlatform(): Platform {
  let time = 0;
  let dice = new Dice(0);
  const RealDate = Date;
  const { webcrypto, KeyObject } = crypto;
  const realImmediate = setImmediate;

  globalThis.Date = class extends RealDate {
    constructor(...args: [] | [string | number | Date]) {
      if (args.length === 0) super(time);
      else super(...(args as [number]));
    }
    static override now = (): number => time;
  } as DateConstructor;
  Math.random = () => dice.uint32() / 2 ** 32;

  // A sleep takes its time from the clock; a timeout (of a call that always answers) never comes.
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    let isOff = false;
    if (ms <= SLEEP_MAX_MS)
      realImmediate(() => {
        if (isOff) return;
        time += Math.ceil(ms);
        run(...args);
      });
    return { unref: () => undefined, ref: () => undefined, cancel: () => (isOff = true) };
  }) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer?: { cancel?: () => void }) => timer?.cancel?.()) as typeof clearTimeout;
  AbortSignal.timeout = () => new AbortController().signal;

  webcrypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    const view = array as unknown as Uint8Array;
    for (let i = 0; i < view.length; i++) view[i] = dice.uint32();
    // The last bytes tell runs of one process apart, so that no cache of one answers another; order is the seed's.
    for (let i = 0, rest = runs; i < 3 && view.length >= 16; i++, rest >>= 8) view[view.length - 1 - i] = rest;
    return array;
  };
  webcrypto.randomUUID = () => {
    const hex = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };

  const subtle = webcrypto.subtle;
  const bytesOf = (data: BufferSource): Buffer =>
    ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
  const bufferOf = (data: Buffer): ArrayBuffer => new Uint8Array(data).buffer;
  const nameOf = (hash: string | { name: string }): string =>
    (typeof hash === "string" ? hash : hash.name).replace("-", "").toLowerCase();
  const hashOf = (key: WebCrypto.CryptoKey): string =>
    nameOf((key.algorithm as unknown as { hash: { name: string } }).hash);
  const raw = { format: "ieee-p1363" as const };
  const ecdsa = (key: WebCrypto.CryptoKey) => ({ key: KeyObject.from(key), dsaEncoding: raw.format });
  const mac = (key: WebCrypto.CryptoKey, data: BufferSource): Buffer =>
    crypto.createHmac(hashOf(key), KeyObject.from(key)).update(bytesOf(data)).digest();

  subtle.digest = async (hash, data) =>
    bufferOf(
      crypto
        .createHash(nameOf(hash as string))
        .update(bytesOf(data))
        .digest(),
    );
  subtle.sign = async (_algorithm, key, data) =>
    bufferOf(key.algorithm.name === "HMAC" ? mac(key, data) : crypto.sign("sha256", bytesOf(data), ecdsa(key)));
  subtle.verify = async (_algorithm, key, signature, data) =>
    key.algorithm.name === "HMAC"
      ? crypto.timingSafeEqual(mac(key, data), bytesOf(signature))
      : crypto.verify("sha256", bytesOf(data), ecdsa(key), bytesOf(signature));

  return {
    now: () => time,
    setTime: (at) => (time = at),
    reseed: (seed) => {
      runs++;
      dice = new Dice(seed);
    },
  };
}
