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

/** Many stored vectors of one model, side by side, to be compared with one query. */
export class VectorSet {
  readonly #dimensions: number;
  #values: Int8Array;
  #scales: Float32Array;
  #count = 0;

  constructor(dimensions: number, capacity = 64) {
    this.#dimensions = dimensions;
    this.#values = new Int8Array(capacity * dimensions);
    this.#scales = new Float32Array(capacity);
  }

  get length(): number {
    return this.#count;
  }

  /** @returns the vector's place. */
  add(packed: Uint8Array): number {
    if (this.#count === this.#scales.length) this.#grow();
    const place = this.#count++;
    this.#scales[place] = new DataView(packed.buffer, packed.byteOffset).getFloat32(0, true);
    this.#values.set(new Int8Array(packed.buffer, packed.byteOffset + 4, this.#dimensions), place * this.#dimensions);
    return place;
  }

  /** Cosine of each stored vector with a unit vector, by place. */
  cosines(query: Float32Array): Float32Array {
    const cosines = new Float32Array(this.#count);
    const width = this.#dimensions;
    for (let place = 0; place < this.#count; place++) {
      const at = place * width;
      // Four sums, so that one multiplication need not wait for the other.
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let i = 0; i < width; i += 4) {
        a += query[i]! * this.#values[at + i]!;
        b += query[i + 1]! * this.#values[at + i + 1]!;
        c += query[i + 2]! * this.#values[at + i + 2]!;
        d += query[i + 3]! * this.#values[at + i + 3]!;
      }
      cosines[place] = (a + b + c + d) * this.#scales[place]!;
    }
    return cosines;
  }

  #grow(): void {
    const values = new Int8Array(this.#values.length * 2);
    values.set(this.#values);
    this.#values = values;
    const scales = new Float32Array(this.#scales.length * 2);
    scales.set(this.#scales);
    this.#scales = scales;
  }
}
