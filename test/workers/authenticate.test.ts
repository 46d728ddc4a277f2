import { env } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { wallClock } from "../../domain/clock.ts";
import { KEY_CACHE_MS, newApiKey, readApiKey } from "../../domain/identity/api-keys.ts";
import { insertApiKey, listApiKeys, revokeApiKey } from "../../domain/identity/store.ts";
import { newPerson } from "../support/people.ts";
import { fetchProbe } from "../support/probes.ts";

const now = wallClock();
beforeAll(async () => {
  await env.DB.prepare(
    `INSERT INTO providers (id, owner_user_id, name, description, category, app_url, app_origin, logo_url, status, review, price_version_id, created_at, updated_at)
     VALUES ('p1', 'o', 'n', 'd', 'c', 'https://a.test', 'https://a.test', 'https://a.test/l.png', 'active', 'approved', 'v', 0, 0)`,
  ).run();
});
const withKey = (key: string) => fetchProbe("/v1/provider", { Authorization: `Bearer ${key}` });
const stored = async (mode: "live" | "test") => {
  const key = await newApiKey(mode, now);
  await insertApiKey(env.DB, "p1", key, now).run();
  return key;
};

describe("an API key", () => {
  it("names its provider and its mode", async () => {
    for (const mode of ["live", "test"] as const) {
      const { id, key } = await stored(mode);
      expect(key).toMatch(new RegExp(`^mk_${mode}_`));
      expect(await (await withKey(key)).json()).toEqual({ kind: "provider", providerId: "p1", keyId: id, mode });
    }
  });

  it("is kept as a hash and a prefix that is not enough to use it", async () => {
    const { id, key, prefix } = await stored("live");
    const row = await env.DB.prepare("SELECT * FROM api_keys WHERE id = ?").bind(id).first();
    expect(JSON.stringify(row)).not.toContain(key);
    expect(key.startsWith(prefix)).toBe(true);
    expect(prefix.length).toBeLessThan(key.length / 3);
    expect((await withKey(prefix)).status).toBe(401);
  });

  it("is refused when malformed, unknown or of another mode with one message, and what is no key with another", async () => {
    const { key } = await stored("live");
    const person = await newPerson();
    const unknown = (await newApiKey("live", now)).key;
    const detailsOf = async (credentials: string[]): Promise<string[]> => {
      const details = new Set<string>();
      for (const credential of credentials) {
        const answer = await withKey(credential);
        const body = (await answer.json()) as { code: string; detail: string };
        expect([answer.status, body.code]).toEqual([401, "api_key_invalid"]);
        details.add(body.detail);
      }
      return [...details];
    };
    const keys = await detailsOf(["mk_live_", unknown, key.replace("live", "test"), `${key}x`]);
    const others = await detailsOf(["", key.toUpperCase(), person.token]);
    expect([keys.length, others.length, keys[0] === others[0]]).toEqual([1, 1, false]);
  });

  it("stops working within ten seconds of its revocation, and shows as revoked", async () => {
    const { id, key } = await stored("live");
    await readApiKey(env.DB, key, now);
    await revokeApiKey(env.DB, "p1", id, now).run();
    await revokeApiKey(env.DB, "p1", id, now + 5).run();
    await expect(readApiKey(env.DB, key, now + KEY_CACHE_MS)).rejects.toMatchObject({ code: "api_key_invalid" });
    expect((await listApiKeys(env.DB, "p1")).find((row) => row.id === id)!.revoked_at).toBe(now);
  });

  it("cannot be revoked by another provider", async () => {
    const { id, key } = await stored("live");
    await revokeApiKey(env.DB, "p2", id, now).run();
    expect((await withKey(key)).status).toBe(200);
  });
});

describe("a person", () => {
  it("is a stranger without a credential, but not with a bad one", async () => {
    const { userId, headers } = await newPerson();
    expect(await (await fetchProbe("/v1/viewer")).json()).toBeNull();
    expect(await (await fetchProbe("/v1/viewer", headers)).json()).toMatchObject({ userId });
    expect((await fetchProbe("/v1/viewer", { Authorization: "Bearer a.b.c" })).status).toBe(401);
  });

  it("passes a door for operators only as an operator", async () => {
    const user = await newPerson();
    const operator = await newPerson({ role: "operator" });
    expect((await fetchProbe("/v1/operator", user.headers)).status).toBe(403);
    expect((await fetchProbe("/v1/operator", operator.headers)).status).toBe(200);
    expect((await fetchProbe("/v1/operator")).status).toBe(401);
  });
});
