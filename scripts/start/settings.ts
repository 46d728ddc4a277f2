// What the launcher was told by the environment: ports, origins and the folder that keeps the state. Everything else
// derives from these, so that a second stack runs beside the first with nothing but other numbers.

import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** The four places we listen on, with the variable that moves each one (contract section 6). */
export const PORTS = {
  api: { variable: "API_PORT", usual: 3000, what: "the API" },
  web: { variable: "WEB_PORT", usual: 5173, what: "the web app" },
  demo: { variable: "DEMO_PORT", usual: 4000, what: "the demo provider" },
  stripe: { variable: "STRIPE_PORT", usual: 12111, what: "the Stripe stand-in" },
} as const;
export type Place = keyof typeof PORTS;

export interface Settings {
  ports: Record<Place, number>;
  /** Origins as a browser types them: no slash at the end. */
  origins: Record<Place, string>;
  /** Where state, secrets and logs live; STATE_DIR moves it. */
  stateDir: string;
  /** Set: the real Stripe is used and no stand-in starts. */
  stripeSecretKey: string | undefined;
  /** Signs what the real Stripe sends; `stripe listen` prints it. Without it, cron and the buyer's return tell us. */
  stripeWebhookSecret: string | undefined;
  /** "off" for tests and load. */
  rateLimits: "on" | "off";
  /** A language model of one's own (docs/workers-ai.md); without it the embedded engine answers the chat alone. */
  ownModel: { LLM_BASE_URL?: string; LLM_API_KEY?: string; LLM_MODEL?: string };
}

/** @throws Error with one readable line when a value makes no sense. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const ports = mapPlaces((place) => readPort(environment, place));
  const taken = Object.values(ports);
  if (new Set(taken).size !== taken.length)
    throw new Error(`Two places share one port (${taken.join(", ")}); give each its own.`);
  const rateLimits = environment.RATE_LIMITS ?? "on";
  if (rateLimits !== "on" && rateLimits !== "off")
    throw new Error(`RATE_LIMITS is "on" or "off", not "${rateLimits}".`);
  return {
    ports,
    origins: mapPlaces((place) => `http://localhost:${ports[place]}`),
    stateDir: resolve(ROOT, environment.STATE_DIR ?? ".meterplace"),
    stripeSecretKey: environment.STRIPE_SECRET_KEY || undefined,
    stripeWebhookSecret: environment.STRIPE_WEBHOOK_SECRET || undefined,
    rateLimits,
    ownModel: readOwnModel(environment),
  };
}

/** The places that are really listened on: without the stand-in when the real Stripe is used. */
export const usedPlaces = (settings: Settings): Place[] =>
  (Object.keys(PORTS) as Place[]).filter((place) => place !== "stripe" || !settings.stripeSecretKey);

/** The layout of `wrangler dev --persist-to <stateDir>/state`, so that `npm run dev` sees the same state. */
export const persistPath = (settings: Settings): string => join(settings.stateDir, "state", "v3");

/** The file the demo provider starts from: keys and secrets of the seeded apps. */
export const demoConfigPath = (settings: Settings): string => join(settings.stateDir, "demo.json");

function readOwnModel({ LLM_BASE_URL, LLM_API_KEY, LLM_MODEL }: NodeJS.ProcessEnv): Settings["ownModel"] {
  if (!LLM_BASE_URL) return {};
  if (!URL.canParse(LLM_BASE_URL) || !/^https?:/.test(LLM_BASE_URL))
    throw new Error(`LLM_BASE_URL is an address such as http://localhost:11434/v1, not "${LLM_BASE_URL}".`);
  return { LLM_BASE_URL, ...(LLM_API_KEY && { LLM_API_KEY }), ...(LLM_MODEL && { LLM_MODEL }) };
}

function readPort(environment: NodeJS.ProcessEnv, place: Place): number {
  const { variable, usual } = PORTS[place];
  const text = environment[variable];
  if (text === undefined || text === "") return usual;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${variable} is a port number from 1 to 65535, not "${text}".`);
  return port;
}

function mapPlaces<T>(value: (place: Place) => T): Record<Place, T> {
  return { api: value("api"), web: value("web"), demo: value("demo"), stripe: value("stripe") };
}
