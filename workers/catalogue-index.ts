// Where the discovery index is found. Apart from the object itself, so that the routes can be read outside workerd.

import type { Env } from "./env.ts";

/** One index for the whole catalogue; it is searched in milliseconds up to ten thousand apps. */
export const catalogueIndex = (env: Env) => env.CATALOGUE.getByName("catalogue");
