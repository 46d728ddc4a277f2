// What a route declares of its request is read, defaulted and refused before its handler; and documented as declared.

import { createRoute, z } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { newRouter } from "../../workers/http.ts";
import { onError } from "../../workers/middleware/problem.ts";

const router = newRouter();
router.onError(onError);
const answer = { 200: { description: "What was read.", content: { "application/json": { schema: z.unknown() } } } };
const Body = z.object({ name: z.string(), count: z.coerce.number().default(1) });
const json = { "application/json": { schema: Body } };
router.openapi(
  createRoute({
    method: "get",
    path: "/shelves/{shelf}",
    request: {
      params: z.object({ shelf: z.string().max(5) }),
      query: z.object({ limit: z.coerce.number().int().max(10).default(3), tag: z.array(z.string()).optional() }),
    },
    responses: answer,
  }),
  (c) => c.json({ ...c.req.valid("param"), ...c.req.valid("query") }),
);
for (const required of [true, false])
  router.openapi(
    createRoute({
      method: "post",
      path: required ? "/needed" : "/optional",
      request: { body: { required, content: json } },
      responses: answer,
    }),
    (c) => c.json(c.req.valid("json")),
  );

async function ask(path: string, request: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await router.request(path, request);
  const body = await response.json<Record<string, unknown>>();
  return { status: response.status, body: response.ok ? body : { code: body.code, detail: body.detail } };
}
const post = (path: string, body?: string, type?: string) =>
  ask(path, {
    method: "POST",
    ...(body !== undefined && { body: new TextEncoder().encode(body) }),
    headers: type ? { "Content-Type": type } : {},
  });

describe("an address", () => {
  it("is read with what it leaves out", async () => {
    expect(await ask("/shelves/a")).toEqual({ status: 200, body: { shelf: "a", limit: 3 } });
    expect(await ask("/shelves/a%20b?limit=7")).toEqual({ status: 200, body: { shelf: "a b", limit: 7 } });
    expect(await ask("/shelves/a?tag=x&tag=y")).toEqual({
      status: 200,
      body: { shelf: "a", limit: 3, tag: ["x", "y"] },
    });
  });
  it.each([
    ["/shelves/a?limit=11", "limit: "],
    ["/shelves/a?limit=1&limit=2", "limit: "],
    ["/shelves/too-long", "shelf: "],
  ])("%s is refused by the field", async (path, field) => {
    const { status, body } = await ask(path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "invalid_request", detail: expect.stringContaining(field) });
  });
});

describe("a body", () => {
  it.each(["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"])(
    "is read as %s",
    async (type) => {
      expect(await post("/needed", '{"name":"a"}', type)).toEqual({ status: 200, body: { name: "a", count: 1 } });
    },
  );
  it.each([
    ["that says it is text", '{"name":"a"}', "text/plain", 415, "unsupported_media_type"],
    ["that does not say what it is", '{"name":"a"}', undefined, 415, "unsupported_media_type"],
    ["that says it is nearly JSON", '{"name":"a"}', "application/jsonp", 415, "unsupported_media_type"],
    ["that is no JSON", "{", "application/json", 400, "invalid_request"],
    ["that is empty", "", "application/json", 400, "invalid_request"],
    ["with a wrong field", '{"name":1}', "application/json", 400, "invalid_request"],
    ["that is not there", undefined, undefined, 400, "invalid_request"],
  ])("%s is refused", async (_, body, type, status, code) =>
    expect(await post("/needed", body, type)).toMatchObject({ status, body: { code } }),
  );
  it("may be missing where it is not needed, and is read where it comes", async () => {
    expect(await post("/optional")).toEqual({ status: 200, body: {} });
    expect(await post("/optional", '{"name":"a"}', "application/json")).toEqual({
      status: 200,
      body: { name: "a", count: 1 },
    });
    expect((await post("/optional", '{"name":1}', "application/json")).status).toBe(400);
    expect((await post("/optional", "name=a", "application/x-www-form-urlencoded")).status).toBe(415);
  });
});

it("is documented as it was declared, once", () => {
  const { paths } = router.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "t", version: "1" } });
  expect(Object.keys(paths!)).toEqual(["/shelves/{shelf}", "/needed", "/optional"]);
  expect(paths!["/shelves/{shelf}"]!.get!.parameters).toHaveLength(3);
  expect(paths!["/needed"]!.post!.requestBody).toMatchObject({ required: true });
});
