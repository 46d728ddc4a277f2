// The floor the benchmark measures beside us answers as we do, or the ratio would be of two different things.

import { env, SELF } from "cloudflare:test";
import { expect, it } from "vitest";
import floor from "../../scripts/bench/floor-worker.ts";

/** The floor's routes need none of its bindings for an answer alone. */
const floorAnswers = (operation: string): Promise<Response> =>
  floor.fetch(new Request(`http://localhost/${operation}`) as never, env as never);
const namesIn = ({ headers }: Response): string[] =>
  [...headers.keys()].filter((name) => name !== "content-length").sort();

it.each([
  ["request", "/healthz"],
  ["bytes", "/v1/providers"],
])("answers %s under the headers of %s", async (operation, path) => {
  const ours = await SELF.fetch(`http://localhost:3000${path}`);
  // Whoever is not signed in is counted, which load tests switch off.
  const expected = namesIn(ours).filter((name) => !name.startsWith("ratelimit"));
  await ours.text();
  expect(namesIn(await floorAnswers(operation))).toEqual(expected);
});
