import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ERROR_STATUS } from "../../sdk/src/protocol/errors.ts";
import { operationsOf, type ApiDocument } from "../../workers/docs/document.ts";
import { send } from "../support/apps.ts";
import { anApp } from "../support/market.ts";
import { newPerson } from "../support/people.ts";

const text = async (path: string) => {
  const answer = await send("GET", path);
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
};
const readDocument = async () => JSON.parse((await text("/docs/openapi.json")).body) as ApiDocument;

describe("the OpenAPI document as it is served", () => {
  it("says the same in both notations, with this deployment's address, for anyone", async () => {
    const [yaml, json] = [await text("/docs/openapi.yaml"), await text("/docs/openapi.json")];
    expect([yaml.status, json.status]).toEqual([200, 200]);
    expect(yaml.headers.get("Content-Type")).toBe("application/yaml; charset=utf-8");
    expect(parse(yaml.body)).toEqual(JSON.parse(json.body));
    const document = JSON.parse(json.body) as ApiDocument;
    expect(document.openapi).toBe("3.1.0");
    expect(document.servers).toEqual([{ url: env.API_ORIGIN }]);
    const foreign = await send("GET", "/docs/openapi.yaml", { headers: { Origin: "https://anyone.example" } });
    expect(foreign.headers.get("Access-Control-Allow-Origin")).toBe("*");
  });

  it("gives the Idempotency-Key header to exactly the operations that read it", async () => {
    const { key } = await anApp();
    const tooLong = { "Idempotency-Key": "k".repeat(256) };
    const reads: string[] = [];
    const says: string[] = [];
    for (const { method, path, operation } of operationsOf(await readDocument())) {
      if (method === "get") continue;
      const address = path.replaceAll(/\{\w+\}/g, crypto.randomUUID());
      const bearer = JSON.stringify(operation.security).includes("apiKey")
        ? key
        : (await newPerson({ role: "operator" })).token;
      const answer = await send(method.toUpperCase(), address, {
        body: {},
        headers: { ...tooLong, Authorization: `Bearer ${bearer}` },
      });
      if ((await answer.text()).includes("Idempotency-Key")) reads.push(operation.operationId!);
      if (operation.parameters?.some((one) => "name" in one && one.name === "Idempotency-Key"))
        says.push(operation.operationId!);
    }
    expect(says.length).toBeGreaterThan(10);
    expect(reads.toSorted()).toEqual(says.toSorted());
  });
});

describe("the reference", () => {
  it("shows every operation and every schema without a script, a foreign host or a frame", async () => {
    const { status, headers, body } = await text("/docs");
    expect(status).toBe(200);
    expect(headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    const policy = headers.get("Content-Security-Policy");
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/);
    expect(body).not.toMatch(/<script|<link|<img|javascript:/);
    const document = await readDocument();
    for (const { operation, path } of operationsOf(document)) {
      expect(body).toContain(`id="${operation.operationId}"`);
      expect(body).toContain(path);
    }
    for (const name of Object.keys(document.components?.schemas ?? {})) expect(body).toContain(`id="schema-${name}"`);
  });

  it("has no link to a place that is not on the page", async () => {
    for (const path of ["/docs", "/docs/errors"]) {
      const { body } = await text(path);
      const ids = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
      const links = [...body.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
      expect(links.length).toBeGreaterThan(10);
      expect(links.filter((id) => !ids.has(id))).toEqual([]);
    }
  });

  it("carries the hash of its own style, so that it is drawn under its own policy", async () => {
    const { headers, body } = await text("/docs/errors");
    const style = /<style>([\s\S]*)<\/style>/.exec(body)![1]!;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    expect(headers.get("Content-Security-Policy")).toContain(`'sha256-${hash}'`);
  });
});

describe("the errors", () => {
  it("has a place for each code, where the `type` of a problem leads", async () => {
    const refused = await send("GET", "/v1/me");
    const { type } = await refused.json<{ type: string }>();
    expect(type).toBe("/docs/errors#unauthenticated");
    const { body } = await text("/docs/errors");
    for (const [code, status] of Object.entries(ERROR_STATUS))
      expect(body, code).toMatch(new RegExp(`id="${code}">${code}</h2>\\s*<p class="quiet">${status} \\w`));
  });
});
