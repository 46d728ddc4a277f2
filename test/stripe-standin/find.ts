// An object by its id, or Stripe's answer that there is none.

import { missing } from "./errors.ts";
import type { Kind, Kinds } from "./state.ts";
import type { World } from "./world.ts";

/** @throws StripeRefusal 404 `resource_missing` */
export function found<K extends Kind>(world: World, kind: K, id: string, resource: string = kind): Kinds[K] {
  const object = world.state.find(kind, id);
  if (!object) throw missing(resource, id);
  return object;
}
