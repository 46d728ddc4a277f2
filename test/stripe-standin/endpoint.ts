// One endpoint of the stand-in: its address, the parameters it understands as a literal, and what it answers.

import { readParams, type RawParams, type Read, type Spec } from "./params.ts";
import type { World } from "./world.ts";

export interface Endpoint {
  method: "GET" | "POST" | "DELETE";
  /** Hono pattern; `:id` is handed to the handler. */
  path: string;
  answer(world: World, raw: RawParams, id: string): object;
}

export function endpoint<const S extends { readonly [name: string]: Spec }>(
  method: Endpoint["method"],
  path: string,
  spec: S,
  answer: (world: World, params: Read<S>, id: string) => object,
): Endpoint {
  return { method, path, answer: (world, raw, id) => answer(world, readParams(spec, raw), id) };
}
