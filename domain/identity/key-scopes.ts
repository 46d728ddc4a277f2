// What an API key may be limited to. A key without scopes may do everything its app may; one with scopes may do what stands
// here and nothing else, so that a new address is closed to it until somebody names it.

export const KEY_SCOPES = ["sessions", "usage", "webhooks", "earnings"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

const ADDRESSES: Record<KeyScope, readonly string[]> = {
  sessions: ["/v1/provider/sessions", "/v1/provider/sandbox"],
  usage: ["/v1/provider/tokens/report"],
  webhooks: ["/v1/provider/webhooks"],
  earnings: ["/v1/provider/earnings", "/v1/provider/payouts", "/v1/provider/statements"],
};

/** Whether a key with these scopes may ask this address. */
export const isInScope = (scopes: readonly KeyScope[] | null, path: string): boolean =>
  scopes === null ||
  scopes.some((scope) => ADDRESSES[scope].some((address) => path === address || path.startsWith(`${address}/`)));
