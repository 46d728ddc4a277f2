// The file the encoder is read from: a small header, then matrices of signed bytes with one scale a row, and vectors of
// floats. Written by scripts/build-encoder.ts, read here, both from this one description.
//
//   bytes 0-7    "MPENC001"
//   bytes 8-11   length of the header (uint32, little endian)
//   header       JSON: { vocabulary, tensors: [{ name, rows, columns, at, scalesAt }] }, padded to 4 bytes
//   data         `at` and `scalesAt` count from the first byte behind the header

import type { Vocabulary } from "./tokenizer.ts";

export const MAGIC = "MPENC001";
const PREFIX_BYTES = 12;

export interface TensorPlace {
  name: string;
  rows: number;
  columns: number;
  /** Offset of the values: int8 for a matrix, float32 for a vector (`scalesAt` null). */
  at: number;
  /** Offset of the float32 scales, one a row. */
  scalesAt: number | null;
}
export interface WeightsHeader {
  vocabulary: Vocabulary;
  tensors: TensorPlace[];
}

export interface Matrix {
  rows: number;
  columns: number;
  values: Int8Array;
  scales: Float32Array;
}
export interface Weights {
  vocabulary: Vocabulary;
  matrix: (name: string) => Matrix;
  vector: (name: string) => Float32Array;
}

/** Views into `file`, nothing is copied. @throws Error when it is not such a file. */
export function readWeights(file: ArrayBuffer): Weights {
  const magic = new TextDecoder().decode(new Uint8Array(file, 0, MAGIC.length));
  if (magic !== MAGIC) throw new Error("this is not an encoder file of this version");
  const headerLength = new DataView(file).getUint32(8, true);
  const header = JSON.parse(
    new TextDecoder().decode(new Uint8Array(file, PREFIX_BYTES, headerLength)),
  ) as WeightsHeader;
  const data = PREFIX_BYTES + headerLength;
  const places = new Map(header.tensors.map((place) => [place.name, place]));
  const placeOf = (name: string): TensorPlace => {
    const place = places.get(name);
    if (!place) throw new Error(`the encoder file has no ${name}`);
    return place;
  };
  return {
    vocabulary: header.vocabulary,
    matrix: (name) => {
      const { rows, columns, at, scalesAt } = placeOf(name);
      if (scalesAt === null) throw new Error(`${name} is a vector`);
      return {
        rows,
        columns,
        values: new Int8Array(file, data + at, rows * columns),
        scales: new Float32Array(file, data + scalesAt, rows),
      };
    },
    vector: (name) => {
      const { columns, at } = placeOf(name);
      return new Float32Array(file, data + at, columns);
    },
  };
}

/** @returns the file. `data` is laid out as `header.tensors` says, its length a multiple of 4. */
export function writeWeights(header: WeightsHeader, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 4) * 4;
  const file = new Uint8Array(PREFIX_BYTES + headerLength + data.length).fill(
    0x20,
    PREFIX_BYTES,
    PREFIX_BYTES + headerLength,
  );
  file.set(new TextEncoder().encode(MAGIC));
  new DataView(file.buffer).setUint32(8, headerLength, true);
  file.set(text, PREFIX_BYTES);
  file.set(data, PREFIX_BYTES + headerLength);
  return file;
}
