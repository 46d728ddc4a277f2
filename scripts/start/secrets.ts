// The local secrets: made at the first start, kept in the state folder for this account only, never in git. Production
// gets its own with `wrangler secret put`.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";

export type Secrets = Record<
  "SIGNING_KEYS" | "DATA_KEY" | "AUTH_SECRET" | "STRIPE_WEBHOOK_SECRET" | "PUSH_KEYS",
  string
>;

const OWNER_ONLY = 0o600;
const random = (): string => randomBytes(32).toString("base64");

/** The secrets of this state folder. Missing ones are made and kept; those that are there never change. */
export async function localSecrets(stateDir: string): Promise<Secrets> {
  const path = join(stateDir, "secrets.json");
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Partial<Secrets>) : {};
  const secrets: Secrets = {
    SIGNING_KEYS: kept.SIGNING_KEYS ?? (await newSigningKeys()),
    DATA_KEY: kept.DATA_KEY ?? random(),
    AUTH_SECRET: kept.AUTH_SECRET ?? random(),
    STRIPE_WEBHOOK_SECRET: kept.STRIPE_WEBHOOK_SECRET ?? `whsec_${random()}`,
    PUSH_KEYS: kept.PUSH_KEYS ?? (await newPushKeys()),
  };
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(path, JSON.stringify(secrets, null, 2), { mode: OWNER_ONLY });
  return secrets;
}

async function newSigningKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: randomBytes(6).toString("hex") };
  return JSON.stringify({ keys: [key] });
}

/** For push services (RFC 8292): the point as it stands in a browser's subscription, and the scalar. */
export async function newPushKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { x, y, d } = await exportJWK(privateKey);
  const point = Buffer.concat([Buffer.of(UNCOMPRESSED), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
  return JSON.stringify({ publicKey: point.toString("base64url"), privateKey: d });
}
/** SEC 1 section 2.3.3. */
const UNCOMPRESSED = 4;
