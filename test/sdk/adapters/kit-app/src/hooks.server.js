import { Marketplace } from "@meterplace/sdk";
import { meterplace } from "@meterplace/sdk/sveltekit";

const given = JSON.parse(process.env.KIT_APP_SETTINGS);

export const heard = [];

const settings = {
  ...given.gate,
  marketplace: new Marketplace(given.marketplace),
  onWebhook: (event) => heard.push(event.id),
};

// As in docs/sdk-adapters.md (snippets.test.ts looks).
export const gate = meterplace({ ...settings, guard: (path) => path.startsWith("/work") });
export const handle = gate.handle;
