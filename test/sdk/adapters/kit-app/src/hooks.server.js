import { Marketplace } from "@meterplace/sdk";
import { meterplace } from "@meterplace/sdk/sveltekit";

const settings = JSON.parse(process.env.KIT_APP_SETTINGS);

export const heard = [];

export const gate = meterplace({
  ...settings.gate,
  marketplace: new Marketplace(settings.marketplace),
  guard: (path) => path === "/work",
  onWebhook: (event) => heard.push(event.id),
});

export const handle = gate.handle;
