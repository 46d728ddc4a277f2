// Secrets and switches of the test Worker, made anew for every run; nothing here is used anywhere else.

import { exportJWK, generateKeyPair } from "jose";
import { newPushKeys } from "../../scripts/start/secrets.ts";

export async function testBindings(): Promise<Record<string, string>> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "test-1" };
  const random = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  return {
    ENVIRONMENT: "local",
    RATE_LIMITS: "off",
    // The encoder costs seconds of CPU; tests of discovery switch it on for themselves.
    EMBEDDINGS: "off",
    // Their apps are nowhere; tests of availability check for themselves.
    AVAILABILITY_CHECKS: "off",
    SIGNING_KEYS: JSON.stringify({ keys: [key] }),
    DATA_KEY: random(),
    AUTH_SECRET: random(),
    PUSH_KEYS: await newPushKeys(),
    STRIPE_SECRET_KEY: "sk_test_standin",
    STRIPE_WEBHOOK_SECRET: "whsec_test",
    STRIPE_API_BASE: "http://127.0.0.1:12111",
  };
}
