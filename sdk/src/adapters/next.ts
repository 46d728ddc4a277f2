// Next.js (app router), by its web contract: `middleware` (`proxy` from Next 16 on) takes a Request, answers a Response or
// nothing; route handlers are functions from Request to Response; `cookies()` gives a store.
//
//   // lib/gate.ts
//   export const gate = meterplace({ marketplace, appUrl, cookieSecret, webhookSecret, guard: (path) => path.startsWith("/work") });
//   // middleware.ts
//   export const middleware = (request: Request) => gate.middleware(request);
//   // app/meterplace/[action]/route.ts
//   export const POST = (request: Request) => gate.POST(request);
//   // a server component
//   const session = await gate.sessionOf(await cookies());

import { createGate, type GateOptions, type VisitorSession } from "./gate.ts";
import type { Heard } from "./session-states.ts";

export type { GateOptions, VisitorSession } from "./gate.ts";
export type { Refusal } from "./refusal-page.ts";

/** As much of Next's cookie store as is needed. */
export interface CookieStore {
  get(name: string): { value: string } | undefined;
}

export interface NextOptions extends GateOptions {
  /** Paths that need a running session. Default: none; ask `sessionOf` yourself. */
  guard?: (path: string) => boolean;
}

export interface NextGate {
  /** Takes launch links and guards paths; nothing for all other requests, which lets them through. */
  middleware(request: Request): Promise<Response | undefined>;
  /** `connection-token`, `leave` and `webhooks`. */
  POST(request: Request): Promise<Response>;
  sessionOf(from: Request | CookieStore): Promise<VisitorSession | null>;
}

export function meterplace(options: NextOptions): NextGate {
  const gate = createGate(options, heardTogether(options));
  return {
    async middleware(request) {
      const { pathname } = new URL(request.url);
      // The route handler answers these: it gets the body untouched.
      if (request.method === "POST" && gate.owns("POST", new URL(request.url))) return undefined;
      const answer = await gate.handle(request);
      if (answer) return answer;
      if (!options.guard?.(pathname) || (await gate.sessionOf(request))) return undefined;
      return gate.refuse(request);
    },
    POST: async (request) => (await gate.handle(request)) ?? new Response(null, { status: 404 }),
    sessionOf: (from) =>
      from instanceof Request ? gate.sessionOf(from) : gate.sessionOfCookie(from.get(gate.cookieName)?.value),
  };
}

/**
 * Next bundles the middleware apart from the routes, so that each has a gate of its own: what the webhooks' route hears must
 * reach the one that guards. They share a process (not where the middleware runs on the edge runtime, which Next 16 ended:
 * there the guard learns of an end after `trustSeconds`).
 */
function heardTogether({ marketplace }: GateOptions): Heard {
  const shared = globalThis as unknown as Record<symbol, Heard | undefined>;
  const key = Symbol.for(`@meterplace/sdk next ${marketplace.issuer} ${marketplace.providerId}`);
  return (shared[key] ??= new Map());
}
