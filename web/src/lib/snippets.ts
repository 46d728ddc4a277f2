// What a provider pastes to put the meter into an app, by the stack it is built with, with the app's own id and addresses
// filled in. docs/sdk.md and docs/sdk-adapters.md explain each.

export const STACKS = ["html", "react", "sveltekit", "express", "hono"] as const;
export type Stack = (typeof STACKS)[number];

export interface Snippet {
  /** Where it goes. */
  file: string;
  code: string;
}
export interface SnippetFacts {
  providerId: string;
  appUrl: string;
  /** Origin of the API. */
  api: string;
  /** Origin of the marketplace. */
  marketplace: string;
}

const CLOSE_SCRIPT = "</" + "script>";
const tag = ({ api, providerId }: SnippetFacts): string =>
  `<script async src="${api}/sdk.js" data-provider-id="${providerId}">${CLOSE_SCRIPT}`;
/** The tag of a page whose server has redeemed the launch link. */
const tagBehindServer = ({
  api,
  providerId,
}: SnippetFacts): string => `<script async src="${api}/sdk.js">${CLOSE_SCRIPT}
<script>
  window.MarketplaceSDK = window.MarketplaceSDK || { q: [] };
  MarketplaceSDK.q.push((sdk) =>
    sdk.create({
      providerId: "${providerId}",
      onFetchConnectionToken: async () => {
        const answer = await fetch("/meterplace/connection-token", { method: "POST" });
        return (await answer.json()).secret ?? undefined;
      },
    }),
  );
${CLOSE_SCRIPT}`;
const settings = ({
  api,
  marketplace,
  providerId,
  appUrl,
}: SnippetFacts): string => `const marketplace = new Marketplace({
  apiKey: process.env.MARKETPLACE_KEY,
  baseUrl: "${api}",
  issuer: "${marketplace}",
  providerId: "${providerId}",
});
const gate = meterplace({
  marketplace,
  appUrl: "${appUrl}",
  cookieSecret: process.env.COOKIE_SECRET, // 32 characters or more
});`;

export function snippetsFor(stack: Stack, facts: SnippetFacts): Snippet[] {
  switch (stack) {
    case "html":
      return [{ file: "index.html", code: tag(facts) }];
    case "react":
      return [
        {
          file: "Meter.tsx",
          code: `"use client";
import { useEffect } from "react";
import { MarketplaceSDK } from "@meterplace/sdk/browser";

let session: ReturnType<typeof MarketplaceSDK.create> | undefined;

export function Meter() {
  useEffect(() => {
    session ??= MarketplaceSDK.create({
      providerId: "${facts.providerId}",
      api: "${facts.api}",
      marketplace: "${facts.marketplace}",
    });
  }, []);
  return null;
}`,
        },
        { file: "app/layout.tsx", code: `<body>\n  {children}\n  <Meter />\n</body>` },
      ];
    case "sveltekit":
      return [{ file: "src/routes/+layout.svelte", code: `<svelte:head>\n  ${tag(facts)}\n</svelte:head>` }];
    case "express":
      return [
        {
          file: "server.js",
          code: `import { Marketplace } from "@meterplace/sdk";
import { meterplace } from "@meterplace/sdk/express";

${settings(facts)}
app.use(gate); // before express.json()
app.post("/work", gate.requireSession, (request, response) => {
  response.json({ user: gate.sessionOf(request).userId });
});`,
        },
        { file: "index.html", code: tagBehindServer(facts) },
      ];
    case "hono":
      return [
        {
          file: "server.ts",
          code: `import { Marketplace } from "@meterplace/sdk";
import { meterplace } from "@meterplace/sdk/hono";

${settings(facts)}
app.use(gate);
app.post("/work", gate.requireSession, (c) => c.json({ user: gate.sessionOf(c).userId }));`,
        },
        { file: "index.html", code: tagBehindServer(facts) },
      ];
  }
}
