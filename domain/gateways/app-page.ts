// Opens a page of somebody's app as a browser would, as far as a server can: cookies are kept, redirects inside the origin
// followed, scripts not run. Only addresses of the URL policy are asked.

import { assertUrlAllowed } from "../webhooks/url-policy.ts";

export interface PageDoor {
  environment: "local" | "production";
  send: typeof fetch;
}

/** A page must answer within this. */
export const PAGE_TIMEOUT_MS = 8_000;
/** So much of a page is read; a start page that is longer is its own finding. */
export const PAGE_MAX_BYTES = 512 * 1024;
const REDIRECTS_MAX = 3;
const USER_AGENT = "Meterplace-Lab/1.0";

export interface OpenedPage {
  /** Null: nothing came. */
  status: number | null;
  /** What went wrong on the way, in a few words. */
  error: string | null;
  html: string;
  headers: Headers;
  /** It set a cookie on the way. */
  setsCookie: boolean;
  /** Another origin it sent the browser to; that was not followed. */
  leftFor: string | null;
  durationMs: number;
}

/** Never throws: whatever goes wrong is what was found. */
export async function openPage(address: string, door: PageDoor, clock: () => number): Promise<OpenedPage> {
  const startedAt = clock();
  const page: OpenedPage = {
    status: null,
    error: null,
    html: "",
    headers: new Headers(),
    setsCookie: false,
    leftFor: null,
    durationMs: 0,
  };
  const cookies = new Map<string, string>();
  const cutOff = new AbortController();
  const timer = setTimeout(() => cutOff.abort(), PAGE_TIMEOUT_MS);
  try {
    let url = assertUrlAllowed(address, { environment: door.environment, purpose: "app" });
    for (let hops = 0; ; hops++) {
      const response = await door.send(url.href, {
        redirect: "manual",
        signal: cutOff.signal,
        headers: {
          Accept: "text/html",
          "User-Agent": USER_AGENT,
          ...(cookies.size > 0 && { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") }),
        },
      });
      page.status = response.status;
      page.headers = response.headers;
      for (const cookie of response.headers.getSetCookie()) {
        page.setsCookie = true;
        const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
        if (name !== undefined) cookies.set(name.trim(), value ?? "");
      }
      const location = response.status >= 300 && response.status < 400 ? response.headers.get("Location") : null;
      if (location === null) {
        page.html = await readText(response);
        break;
      }
      await response.body?.cancel();
      const next = new URL(location, url);
      if (next.origin !== url.origin) {
        page.leftFor = next.origin;
        break;
      }
      if (hops === REDIRECTS_MAX) {
        page.error = `more than ${REDIRECTS_MAX} redirects`;
        break;
      }
      url = next;
    }
  } catch (error) {
    page.error = whyNot(error, cutOff.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
  page.durationMs = clock() - startedAt;
  return page;
}

function whyNot(error: unknown, wasCutOff: boolean): string {
  if (wasCutOff) return `no answer within ${PAGE_TIMEOUT_MS / 1000} s`;
  // Only our own policy's words are repeated: what the network says can name addresses that are none of the app's business.
  return error instanceof Error && error.name === "DomainError" ? error.message : "the connection failed";
}

async function readText(response: Response): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let room = PAGE_MAX_BYTES;
  while (room > 0) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value.subarray(0, room), { stream: true });
    room -= value.length;
  }
  await reader.cancel();
  return text;
}
