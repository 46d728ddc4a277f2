import { expect, it } from "vitest";
import { giveYoungObjectsRoom } from "../../scripts/start/young-space.ts";

it("gives V8 room before Miniflare reads its flags", () => {
  const environment: NodeJS.ProcessEnv = {};
  giveYoungObjectsRoom(environment);
  expect(environment).toEqual({ MINIFLARE_WORKERD_V8_FLAGS: expect.stringMatching(/^--min-semi-space-size=\d+$/) });
});

it("leaves flags that somebody gave by hand", () => {
  const environment: NodeJS.ProcessEnv = { MINIFLARE_WORKERD_V8_FLAGS: "--perf-basic-prof" };
  giveYoungObjectsRoom(environment);
  expect(environment).toEqual({ MINIFLARE_WORKERD_V8_FLAGS: "--perf-basic-prof" });
});
