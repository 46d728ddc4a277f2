// The OpenAPI document is what the routes say, is clean by a linter's strictest rules, and leaves no route out; what is
// written from it is up to date.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { readApi } from "../../scripts/docs/api-document.ts";
import { errorsMarkdown } from "../../scripts/docs/errors-markdown.ts";
import { postmanCollection, type PostmanCollection } from "../../scripts/docs/postman.ts";
import { ERROR_STATUS } from "../../sdk/src/protocol/errors.ts";
import { operationsOf } from "../../workers/docs/document.ts";

// What scripts/docs/api-document.ts does for Node, in the test runner's way of loading modules.
vi.mock("cloudflare:workers", () => ({ DurableObject: class {}, WorkerEntrypoint: class {}, env: {} }));

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "meterplace-openapi-"));
afterAll(() => rmSync(folder, { recursive: true }));

let api: Awaited<ReturnType<typeof readApi>>;
beforeAll(async () => {
  api = await readApi();
}, 60_000);

const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
/** `/v1/sessions/:id` and `/v1/sessions/{id}` are one address. */
const address = (method: string, path: string): string =>
  `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;

describe("the OpenAPI document", () => {
  it("has every route the API answers, and no other", () => {
    const documented = operationsOf(api.document).map(({ method, path }) => address(method, path));
    const withoutDocument = (path: string) =>
      // The documentation itself and the Markdown twins, the scripts, and WebSockets, which OpenAPI cannot describe.
      path.startsWith("/docs") ||
      path === "/llms.txt" ||
      path.startsWith("/apps/") ||
      path.startsWith("/sdk") ||
      path.endsWith("/live");
    const routed = api.app.routes
      .filter(({ method, path }) => method !== "ALL" && !withoutDocument(path))
      .map(({ method, path }) => address(method, path));
    expect(documented.toSorted(), "see workers/docs/document.ts").toEqual([...new Set(routed)].toSorted());
  });

  it("passes the linter's strict rules, none of them switched off", { timeout: 60_000 }, async () => {
    const file = join(folder, "openapi.json");
    writeFileSync(file, JSON.stringify(api.document));
    const redocly = join(ROOT, "node_modules/.bin/redocly");
    const environment = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
    const lint = promisify(execFile)(redocly, ["lint", "--config", join(ROOT, "redocly.yaml"), file], {
      env: environment,
    });
    await expect(lint).resolves.toBeTruthy();
    expect(parse(read("redocly.yaml"))).toEqual({ extends: ["recommended-strict"] });
  });

  it("gives each operation its own name, a summary, a tag that is explained, and says who may call", () => {
    const operations = operationsOf(api.document).map(({ operation }) => operation);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    const explained = new Set(api.document.tags?.map(({ name }) => name));
    for (const { operationId, summary, tags, security } of operations) {
      expect(summary, operationId).toMatch(/^[A-Z]/);
      expect(tags?.length === 1 && explained.has(tags[0]!), operationId).toBe(true);
      expect(security, operationId).toBeInstanceOf(Array);
    }
  });

  it("describes every refusal in the face's own envelope", () => {
    for (const { path, operation } of operationsOf(api.document))
      for (const [status, response] of Object.entries(operation.responses as Record<string, { content?: object }>))
        if (status >= "4") {
          const type = path.startsWith("/api/") ? "application/json" : "application/problem+json";
          expect(Object.keys(response.content ?? {}), `${path} ${status}`).toEqual([type]);
        }
  });
});

describe("docs/errors.md", () => {
  it("has one heading for each code, in the order of the list", () => {
    const headings = [...read("docs/errors.md").matchAll(/^## (\w+)$/gm)].map(([, code]) => code);
    expect(headings).toEqual(Object.keys(ERROR_STATUS));
  });

  it("is what `node scripts/write-docs.ts` writes", () => {
    expect(read("docs/errors.md"), "run node scripts/write-docs.ts").toBe(errorsMarkdown());
  });
});

describe("the Postman collection", () => {
  const file = "docs/postman/meterplace.postman_collection.json";

  it("is what `node scripts/write-docs.ts` writes", () => {
    expect(JSON.parse(read(file)), "run node scripts/write-docs.ts").toEqual(
      JSON.parse(JSON.stringify(postmanCollection(api.document))),
    );
  });

  it("asks only for what the document has, with bodies that are JSON", () => {
    const documented = operationsOf(api.document).map(({ method, path }) => address(method, path));
    const { item: folders } = JSON.parse(read(file)) as PostmanCollection;
    const requests = folders.flatMap(({ item }) => item.map(({ request }) => request));
    expect(requests.length).toBeGreaterThan(50);
    for (const { method, url, body } of requests) {
      const path = `/${url.path.map((part) => part.replace(/^\{\{\w+\}\}$/, "{id}")).join("/")}`;
      expect(documented).toContain(address(method, path));
      if (body) expect(() => JSON.parse(body.raw)).not.toThrow();
    }
  });
});
