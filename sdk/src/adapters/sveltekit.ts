// SvelteKit: one hook.
//
//   // src/hooks.server.ts
//   export const gate = meterplace({ marketplace, appUrl, cookieSecret, webhookSecret, guard: (path) => path !== "/about" });
//   export const handle = gate.handle;
//   // in a load function or +server.ts
//   const session = gate.sessionOf(event);

import { createGate, type GateOptions, type VisitorSession } from "./gate.ts";

export type { GateOptions, VisitorSession } from "./gate.ts";
export type { Refusal } from "./refusal-page.ts";

/** As much of SvelteKit's event as is needed. */
export interface KitEvent {
  request: Request;
  locals: object;
}

export interface KitOptions extends GateOptions {
  /** Paths that need a running session. Default: none; ask `sessionOf` yourself. */
  guard?: (path: string) => boolean;
}

export interface KitGate {
  handle<Event extends KitEvent>(input: {
    event: Event;
    resolve: (event: Event) => Response | Promise<Response>;
  }): Promise<Response>;
  /** Who it is, on a guarded path. Elsewhere null, unless they have a session. */
  sessionOf(event: Pick<KitEvent, "locals">): VisitorSession | null;
}

export function meterplace(options: KitOptions): KitGate {
  const gate = createGate(options);
  // The same `locals` goes through hook, load functions and endpoints; the event itself does not.
  const sessions = new WeakMap<object, VisitorSession>();
  return {
    async handle({ event, resolve }) {
      const { request } = event;
      const url = new URL(request.url);
      if (gate.owns(request.method, url)) {
        const answer = await gate.handle(request);
        if (answer) return answer;
      }
      const session = await gate.sessionOf(request);
      if (session) sessions.set(event.locals, session);
      else if (options.guard?.(url.pathname)) return gate.refuse(request);
      return resolve(event);
    },
    sessionOf: (event) => sessions.get(event.locals) ?? null,
  };
}
