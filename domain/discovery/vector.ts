// Vectors as they are stored and compared: signed bytes with one scale, an eighth of the size of what arithmetic uses.

/** A unit vector as bytes: one float32 scale (little endian), then one signed byte a dimension. */
export function packVector(vector: Float32Array): Uint8Array<ArrayBuffer> {
  const most = vector.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = most / 127 || 1;
  const bytes = new Uint8Array(4 + vector.length);
  new DataView(bytes.buffer).setFloat32(0, scale, true);
  const values = new Int8Array(bytes.buffer, 4);
  for (const [i, value] of vector.entries()) values[i] = Math.round(value / scale);
  return bytes;
}

/** Vectors in one piece of memory. Pieces, so that a set grows without being copied and never holds twice what it needs. */
const PIECE = 1024;

/** Many stored vectors of one model, side by side, to be compared with one query. */
export class VectorSet {
  readonly #dimensions: number;
  readonly #pieces: { values: Int8Array; scales: Float32Array }[] = [];
  #count = 0;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get length(): number {
    return this.#count;
  }

  /** @returns the vector's place. */
  add(packed: Uint8Array): number {
    const width = this.#dimensions;
    const place = this.#count++;
    const within = place % PIECE;
    if (within === 0) this.#pieces.push({ values: new Int8Array(PIECE * width), scales: new Float32Array(PIECE) });
    const { values, scales } = this.#pieces.at(-1)!;
    scales[within] = new DataView(packed.buffer, packed.byteOffset).getFloat32(0, true);
    values.set(new Int8Array(packed.buffer, packed.byteOffset + 4, width), within * width);
    return place;
  }

  /** One stored vector as numbers. */
  vectorAt(place: number): Float32Array {
    const { values, scales } = this.#pieces[Math.floor(place / PIECE)]!;
    const within = place % PIECE;
    const bytes = values.subarray(within * this.#dimensions, (within + 1) * this.#dimensions);
    return Float32Array.from(bytes, (value) => value * scales[within]!);
  }

  /** Cosine of one stored vector with a unit vector. */
  cosineAt(place: number, query: Float32Array): number {
    const { values, scales } = this.#pieces[Math.floor(place / PIECE)]!;
    const within = place % PIECE;
    const at = within * this.#dimensions;
    let sum = 0;
    for (let i = 0; i < this.#dimensions; i++) sum += query[i]! * values[at + i]!;
    return sum * scales[within]!;
  }

  /** Cosine of each stored vector with a unit vector, by place. */
  cosines(query: Float32Array): Float32Array {
    const cosines = new Float32Array(this.#count);
    const width = this.#dimensions;
    for (const [index, { values, scales }] of this.#pieces.entries()) {
      const first = index * PIECE;
      const here = Math.min(PIECE, this.#count - first);
      for (let within = 0; within < here; within++) {
        const at = within * width;
        // Four sums, so that one multiplication need not wait for the other.
        let a = 0;
        let b = 0;
        let c = 0;
        let d = 0;
        for (let i = 0; i < width; i += 4) {
          a += query[i]! * values[at + i]!;
          b += query[i + 1]! * values[at + i + 1]!;
          c += query[i + 2]! * values[at + i + 2]!;
          d += query[i + 3]! * values[at + i + 3]!;
        }
        cosines[first + within] = (a + b + c + d) * scales[within]!;
      }
    }
    return cosines;
  }
}
