// What a call of a model costs, in neurons, the unit Workers AI counts in (USD 0.011 for a thousand, 10,000 a day are free).
// From Cloudflare's price list of 31 August 2026; a model that is not here is taken to be dear, so that a budget holds.

export interface ModelPrice {
  /** Neurons for a million tokens the model reads. */
  inputNeurons: number;
  /** Neurons for a million tokens the model writes. */
  outputNeurons: number;
}

const PRICES: Readonly<Record<string, ModelPrice>> = {
  "@cf/zai-org/glm-4.7-flash": { inputNeurons: 5_500, outputNeurons: 36_400 },
  "@cf/google/gemma-4-26b-a4b-it": { inputNeurons: 9_091, outputNeurons: 27_273 },
  "@cf/zai-org/glm-5.3-flash": { inputNeurons: 13_637, outputNeurons: 45_455 },
  "@cf/ibm-granite/granite-4.0-h-micro": { inputNeurons: 1_546, outputNeurons: 10_182 },
  "@cf/baai/bge-m3": { inputNeurons: 1_075, outputNeurons: 0 },
  "@cf/baai/bge-reranker-base": { inputNeurons: 283, outputNeurons: 0 },
};
const UNKNOWN: ModelPrice = { inputNeurons: 50_000, outputNeurons: 200_000 };
const PER = 1_000_000;

/** What a call costs, in thousandths of a neuron, rounded up. */
export function milliNeuronsOf(model: string, use: { inputTokens: number; outputTokens: number }): number {
  const { inputNeurons, outputNeurons } = PRICES[model] ?? UNKNOWN;
  return Math.ceil(((use.inputTokens * inputNeurons + use.outputTokens * outputNeurons) * 1_000) / PER);
}
