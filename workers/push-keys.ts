// Our key toward push services, as the environment gives it.

import type { PushKeys } from "../domain/gateways/push.ts";
import type { Env } from "./env.ts";

/** Where nobody can be written to. Push services want an address, and locally there is none (RFC 8292 section 2.1). */
const LOCAL_SUBJECT = "mailto:operator@meterplace.example";

/** Null: this marketplace sends nothing to devices. */
export function pushKeysOf(env: Env): PushKeys | null {
  if (!env.PUSH_KEYS) return null;
  const { publicKey, privateKey } = JSON.parse(env.PUSH_KEYS) as Pick<PushKeys, "publicKey" | "privateKey">;
  return { publicKey, privateKey, subject: env.WEB_ORIGIN.startsWith("https:") ? env.WEB_ORIGIN : LOCAL_SUBJECT };
}
