// npm run sandbox: a session of your own app, everything real but the money. Needs a test key.

import { Marketplace } from "@meterplace/sdk";

const marketplace = new Marketplace({ apiKey: process.env.MARKETPLACE_KEY, baseUrl: process.env.MARKETPLACE_API });
try {
  const { redirectUrl } = await marketplace.sessions.createSandbox({ durationMinutes: 30 });
  console.log(`Open this within five minutes, once:\n${redirectUrl}`);
} catch (error) {
  console.error(`${error.message} [${error.code}]`);
  process.exitCode = 1;
}
