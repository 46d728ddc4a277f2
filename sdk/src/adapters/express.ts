// Express 4 and 5 (and anything else with Node's request and response). Mount it before a body parser: a webhook's
// signature covers the bytes as they came.
//
//   const gate = meterplace({ marketplace, appUrl, cookieSecret, webhookSecret, onWebhook });
//   app.use(gate);
//   app.post("/work", gate.requireSession, (request, response) => response.json(gate.sessionOf(request).userId));

import { createGate, joined, WEBHOOK_MAX_BYTES, type GateOptions, type VisitorSession } from "./gate.ts";

export type { GateOptions, VisitorSession } from "./gate.ts";
export type { Refusal } from "./refusal-page.ts";

/** As much of Node's request as is needed, so that this package needs no types of others. */
export interface NodeRequest extends AsyncIterable<Uint8Array | string> {
  method?: string | undefined;
  url?: string | undefined;
  /** Express: the path before a router took its part. */
  originalUrl?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  body?: unknown;
}
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string | string[]): unknown;
  end(body?: string): unknown;
}
type Next = (error?: unknown) => void;
type Handler = (request: NodeRequest, response: NodeResponse, next: Next) => Promise<void>;

export interface ExpressGate extends Handler {
  /** Lets visitors with a running session through. */
  requireSession: Handler;
  /** Behind `requireSession`: who it is. */
  sessionOf(request: object): VisitorSession;
}

const ORIGIN = "http://app.invalid";

export function meterplace(options: GateOptions): ExpressGate {
  const gate = createGate(options);
  const sessions = new WeakMap<object, VisitorSession>();

  const middleware: Handler = async (request, response, next) => {
    try {
      if (!gate.owns(request.method ?? "GET", urlOf(request))) return next();
      const answer = await gate.handle(await webRequest(request, true));
      if (answer) await write(answer, response);
      else next();
    } catch (error) {
      next(error);
    }
  };
  const requireSession: Handler = async (request, response, next) => {
    try {
      const asked = await webRequest(request, false);
      const session = await gate.sessionOf(asked);
      if (!session) return await write(gate.refuse(asked), response);
      sessions.set(request, session);
      next();
    } catch (error) {
      next(error);
    }
  };
  return Object.assign(middleware, {
    requireSession,
    sessionOf(request: object) {
      const session = sessions.get(request);
      if (!session) throw new TypeError("Put gate.requireSession in front of this route.");
      return session;
    },
  });
}

/** Only the path and query matter: which host it came to is the registered address' to say. */
const urlOf = (request: NodeRequest): URL =>
  // The path is joined, not resolved: `//evil.example` would be a host.
  new URL(ORIGIN + (request.originalUrl ?? request.url ?? "/"));

async function webRequest(request: NodeRequest, withBody: boolean): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !name.startsWith(":"))
      headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  const method = request.method ?? "GET";
  const body = withBody && method === "POST" ? await rawBody(request) : null;
  return new Request(urlOf(request), { method, headers, body });
}

async function rawBody(request: NodeRequest): Promise<Uint8Array<ArrayBuffer> | string> {
  const { body } = request;
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Uint8Array.from(body);
  if (body !== undefined && body !== null && Object.keys(body).length > 0)
    throw new TypeError("Mount the meterplace middleware before express.json(): webhooks are signed as raw bytes.");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
    length += chunks.at(-1)!.length;
    // Enough to be refused as too long.
    if (length > WEBHOOK_MAX_BYTES) break;
  }
  return joined(chunks);
}

async function write(answer: Response, response: NodeResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== "set-cookie") response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader("Set-Cookie", cookies);
  response.end(await answer.text());
}
