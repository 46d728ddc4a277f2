import { SELF } from "cloudflare:test";
import { expect, it } from "vitest";

it("answers /healthz without a sign-in", async () => {
  const answer = await SELF.fetch("http://localhost:3000/healthz");
  expect(answer.status).toBe(200);
});

it("answers an unknown path with a problem that carries the request id", async () => {
  const answer = await SELF.fetch("http://localhost:3000/v1/nothing");
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const body = (await answer.json()) as { code: string; requestId: string };
  expect(body.code).toBe("not_found");
  expect(body.requestId).toBe(answer.headers.get("x-request-id"));
});
