// Hono, on any runtime.
//
//   const gate = meterplace({ marketplace, appUrl, cookieSecret, webhookSecret, onWebhook });
//   app.use(gate);
//   app.post("/work", gate.requireSession, (c) => c.json(gate.sessionOf(c).userId));

import { createGate, type GateOptions, type VisitorSession } from "./gate.ts";

export type { GateOptions, VisitorSession } from "./gate.ts";
export type { Refusal } from "./refusal-page.ts";

/** As much of Hono's context as is needed. */
export interface HonoContext {
  req: { raw: Request };
}
type Handler = (c: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;

export interface HonoGate extends Handler {
  /** Lets visitors with a running session through. */
  requireSession: Handler;
  /** Behind `requireSession`: who it is. */
  sessionOf(c: HonoContext): VisitorSession;
}

export function meterplace(options: GateOptions): HonoGate {
  const gate = createGate(options);
  const sessions = new WeakMap<object, VisitorSession>();

  const middleware: Handler = async (c, next) => {
    const { raw } = c.req;
    if (gate.owns(raw.method, new URL(raw.url))) {
      const answer = await gate.handle(raw);
      if (answer) return answer;
    }
    await next();
    return undefined;
  };
  const requireSession: Handler = async (c, next) => {
    const session = await gate.sessionOf(c.req.raw);
    if (!session) return gate.refuse(c.req.raw);
    sessions.set(c, session);
    await next();
    return undefined;
  };
  return Object.assign(middleware, {
    requireSession,
    sessionOf(c: HonoContext) {
      const session = sessions.get(c);
      if (!session) throw new TypeError("Put gate.requireSession in front of this route.");
      return session;
    },
  });
}
