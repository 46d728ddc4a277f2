// The guides keep pace with the code: no dead links, every table and object of the storage is on its page, every decision
// is half a page with its four parts. What their commands do is shown by test/flows/docs-commands.flow.ts.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const inFolder = (folder: string, ending: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

const guides = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...inFolder("docs", ".md")];

describe("the guides", () => {
  it("link only to what is there", () => {
    const dead = guides.flatMap((guide) =>
      [...read(guide).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^(https?:|mailto:|\/)/.test(target))
        .filter((target) => !existsSync(join(ROOT, dirname(guide), target)))
        .map((target) => `${guide}: ${target}`),
    );
    expect(dead).toEqual([]);
  });

  it("name only files that exist", () => {
    const missing = guides.flatMap((guide) =>
      [
        ...read(guide).matchAll(
          /`((?:workers|domain|durable-objects|migrations|scripts|sdk|test|docs)\/[\w./-]+\.\w+)`/g,
        ),
      ]
        .map(([, path]) => path!)
        .filter((path) => !existsSync(join(ROOT, path)) && !path.includes("generated"))
        .map((path) => `${guide}: ${path}`),
    );
    expect(missing).toEqual([]);
  });
});

describe("docs/storage-schema.md", () => {
  const page = read("docs/storage-schema.md");

  it("names every table of the migrations", () => {
    const tables = new Set<string>();
    for (const file of inFolder("migrations", ".sql").toSorted())
      for (const [, verb, name, renamed] of read(file).matchAll(
        /^(CREATE|DROP|ALTER) TABLE (\w+)(?: RENAME TO (\w+))?/gm,
      )) {
        if (verb === "DROP" || renamed) tables.delete(name!);
        if (verb === "CREATE" || renamed) tables.add(renamed ?? name!);
      }
    expect(tables.size).toBeGreaterThan(30);
    expect([...tables].filter((name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name}.`))).toEqual([]);
  });

  it("names every Durable Object", () => {
    const classes = [...read("wrangler.toml").matchAll(/^class_name = "(\w+)"/gm)].map(([, name]) => name!);
    expect(classes.length).toBeGreaterThan(0);
    expect(classes.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it("says where each column of the product's research went", () => {
    const RESEARCHED = [
      ["email", "name", "token_balance", "stripe_customer_id", "created_at", "updated_at"],
      ["description", "auth_type", "token_rate", "hourly_rate", "oauth_client_id", "oauth_client_secret"],
      ["webhook_url", "webhook_secret", "status", "user_id", "provider_id", "start_time", "end_time"],
      ["duration_seconds", "tokens_allocated", "tokens_consumed", "type", "amount", "balance_after", "session_id"],
      ["stripe_payment_intent_id", "metadata", "access_token", "refresh_token", "url", "events", "enabled"],
      ["event_type", "response_code", "error", "attempt"],
    ].flat();
    expect(RESEARCHED.filter((column) => !page.includes(`\`${column}\``))).toEqual([]);
    for (const column of ["webhooks.secret", "webhook_logs.payload", "webhook_logs.webhook_id"])
      expect(page).toContain(`\`${column}\``);
  });
});

describe("the decisions", () => {
  it.each(inFolder("docs/decisions", ".md"))("%s has its number, and says problem, choice and consequence", (file) => {
    const text = read(file);
    const number = /(\d{4})-/.exec(file)![1]!;
    expect(text).toMatch(new RegExp(`^# ${number}:? `));
    for (const part of ["Problem", "Choice", "Consequence"]) expect(text, part).toMatch(new RegExp(`\\*\\*${part}`));
  });
});
