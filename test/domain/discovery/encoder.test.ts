// Our own inference of the sentence encoder, in workerd, on the file the Worker ships.

import { env } from "cloudflare:test";
import { beforeAll, expect, it } from "vitest";
import { DIMENSIONS, loadEncoder, type Encoder } from "../../../domain/discovery/encoder/encoder.ts";
import { packVector, VectorSet } from "../../../domain/discovery/vector.ts";
import { ENCODER_ASSET } from "../../../workers/encoder-asset.ts";
import original from "./original-vectors.json" with { type: "json" };

let encoder: Encoder;
beforeAll(async () => {
  encoder = loadEncoder(await (await env.ASSETS.fetch(`https://assets.local/${ENCODER_ASSET}`)).arrayBuffer());
});

const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const floats = (base64: string) => new Float32Array(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer);

it("agrees with the original to a cosine of at least 0.999, whatever the text", () => {
  expect(original.vectors.length).toBeGreaterThan(20);
  for (const { text, vector } of original.vectors)
    expect(cosine(encoder.encode(text), floats(vector)), text).toBeGreaterThanOrEqual(0.999);
});

it("gives unit vectors, and zeros for an empty text", () => {
  expect(cosine(encoder.encode("a"), encoder.encode("a"))).toBeCloseTo(1, 5);
  expect(encoder.encode("")).toEqual(new Float32Array(DIMENSIONS));
});

it("bounds the work of a text that never ends", () => {
  const long = "word ".repeat(100_000);
  expect(encoder.encode(long)).toEqual(encoder.encode(long.slice(0, 2_000)));
});

it("knows common words from rare ones", () => {
  expect(["plan", "plant", "music"].map(encoder.isOrdinary)).toEqual([true, true, true]);
  expect(["subtilte", "xylophagous"].map(encoder.isOrdinary)).toEqual([false, false]);
});

it("compares stored bytes as it compares the vectors themselves, past the first piece of a set too", () => {
  const texts = original.vectors.slice(0, 5).map(({ text }) => encoder.encode(text));
  const set = new VectorSet(DIMENSIONS);
  const packed = texts.map(packVector);
  for (let count = 0; count < 1030; count++) set.add(packed[count % packed.length]!);
  const query = encoder.encode("remove the background of a picture");
  const expected = texts.map((text) => cosine(query, text));
  for (const [place, found] of set.cosines(query).entries())
    expect(found).toBeCloseTo(expected[place % expected.length]!, 2);
});
