import { SELF } from "cloudflare:test";
import { expect, it } from "vitest";
import { RememberingRouter } from "../../workers/router.ts";

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

it("finds the same handlers every time, for fixed paths beside parameters", () => {
  const router = new RememberingRouter<string>();
  router.add("ALL", "/*", "around");
  router.add("GET", "/v1/sessions/:id", "one");
  router.add("POST", "/v1/sessions/create", "create");
  const found = (method: string, path: string) => router.match(method, path)[0].map(([handler]) => handler);
  for (let time = 0; time < 2; time++) {
    expect(found("POST", "/v1/sessions/create")).toEqual(["around", "create"]);
    expect(found("GET", "/v1/sessions/create")).toEqual(["around", "one"]);
    expect(found("GET", "/v1/sessions/7")).toEqual(["around", "one"]);
    expect(found("GET", "/v1/nothing")).toEqual(["around"]);
  }
  router.add("POST", "/v1/sessions/:verb", "late");
  expect(found("POST", "/v1/sessions/create")).toEqual(["around", "create", "late"]);
});
