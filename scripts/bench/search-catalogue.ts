// A made-up catalogue for the search benchmark: apps like those of the ranking sets, of their words in another order, with
// vectors that are the same for the same text and as far from each other as unrelated texts are.

import developmentSet from "../../test/ranking/development-set.json" with { type: "json" };
import blindSet from "../../test/ranking/blind-set.json" with { type: "json" };
import type { App } from "../../domain/catalogue/app.ts";

export const DIMENSIONS = 512;
/** What registration allows is one to ten use cases; five is what most write. */
export const USE_CASES = 5;

const texts = [...developmentSet.apps, ...blindSet.apps].flatMap(({ description, useCases }) => [
  description,
  ...useCases,
]);
const words = [
  ...new Set(
    texts
      .join(" ")
      .toLowerCase()
      .match(/[a-z]{3,}/g),
  ),
];

/** An app like those of the ranking sets, of their words in another order. */
export function madeUpApp(number: number): App {
  const word = (step: number): string => words[(number * 31 + step * 17 + ((number * step) % 97)) % words.length]!;
  const sentence = (from: number, length: number): string => Array.from({ length }, (_, i) => word(from + i)).join(" ");
  return {
    ...REST,
    id: `app-${number}`,
    name: `${word(1)} ${number}`,
    description: sentence(2, 12),
    category: ["writing", "audio", "code", "finance", "travel"][number % 5]!,
    tags: [word(20), word(21)],
    useCases: Array.from({ length: USE_CASES }, (_, i) => `${sentence(30 + i * 9, 7)} ${number}`),
    components: [{ meter: "hour", price: { model: "per_unit", unit: String(60 + (number % 500)) } }],
    tokenRatePerHour: 60 + (number % 500),
    status: number % 20 === 0 ? "maintenance" : "active",
    regions: number % 3 === 0 ? ["DE", "FR"] : [],
    dataReceived: number % 4 === 0 ? ["E-mail address"] : [],
    rating: number % 7 === 0 ? null : (number % 50) / 10,
    createdAt: number,
  };
}

const REST = {
  ownerUserId: "owner",
  appUrl: "https://app.example.com/",
  appOrigin: "https://app.example.com",
  logoUrl: "https://app.example.com/logo.png",
  refundTerms: null,
  review: "approved" as const,
  priceVersionId: "version",
  feeBasisPoints: 2000,
  ratingCount: 0,
  unreachableSince: null,
  updatedAt: 0,
};

export function madeUpVector(seed: string): Float32Array {
  let state = 2166136261;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 16777619);
  const vector = Float32Array.from({ length: DIMENSIONS }, () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9;
    return ((state >>> 8) & 0xffff) / 65_536 - 0.4;
  });
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
