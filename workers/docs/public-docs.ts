// The guides that are public as Markdown, at /docs/<name>.md. A build step copies them beside the encoder's file
// (scripts/build/all.ts); what is about running the marketplace itself stays in the repository.

export const PUBLIC_DOCS: Record<string, string> = {
  quickstart: "Make an app metered in five minutes",
  sdk: "The SDK for pages and servers",
  "sdk-adapters": "Ready doors for Express, Hono, SvelteKit and Next",
  "without-the-sdk": "The same in any language, without the SDK",
  webhooks: "Events, signatures and retries",
  "two-sided-meter": "Reported units that the page saw, too",
  lab: "Whether your app is sound: the conformance lab",
  availability: "Whether your app is up, as the marketplace sees it",
  connections: "People who connect their account at your app",
  "provider-dashboard": "Figures, page and keys of your app",
  pricing: "All price models, and how each is charged",
  "session-flow": "A session from start to settlement",
  "session-accuracy": "How exactly time is billed",
  "auth-flow": "Signing in",
  "api-face": "The compatible `/api` face",
  errors: "Every refusal, what it means and what to do",
  receipts: "Signed receipts and how to check one",
  payouts: "How providers are paid",
  subscriptions: "Monthly plans of an app",
  "automatic-top-up": "Buying tokens by themselves, within bounds",
  ranking: "Why an app comes first in search",
  recommendations: "What is recommended, and why",
  reviews: "Who may rate an app",
  glossary: "Words with one meaning",
};
/** Inside `[assets]` of wrangler.toml. */
export const DOCS_ASSETS = "docs";
