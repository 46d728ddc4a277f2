// What an app's page says and hears: options, events, and the handle it works with.

import type { BarTexts } from "../ui/texts.ts";
import type { SessionState } from "../protocol/session.ts";

/** The session as the page should show it: the server's last word, run on by this page's own monotonic clock. */
export interface SessionView extends SessionState {
  /** The marketplace cannot be reached at the moment; it keeps the time meanwhile. */
  offline: boolean;
}

/** A refusal or a mishap. `code` is the API's (docs/errors.md), or one of the page's own: `provider_mismatch`,
 * `return_url_refused`, `launch_token_invalid`. */
export interface SdkError extends Error {
  code?: string;
  status?: number;
  requestId?: string;
  /** The final state, where the refusal says that the session is over. */
  session?: SessionState;
}

export interface SessionEvents {
  /** The session is known and runs; once. */
  ready: SessionView;
  /** Every second while a session is open, and whenever the server said something new. */
  tick: SessionView;
  paused: SessionView;
  resumed: SessionView;
  /** The last minutes began: offer to extend. */
  warning: SessionView;
  /** It is over; the page leaves for the marketplace unless `redirect: false`. */
  ended: SessionView;
  /** Null while the session could not be opened yet. */
  offline: SessionView | null;
  online: SessionView | null;
  /** Spendable tokens after settlement. */
  balance: number;
  /** The page was opened without a launch token and no session is open here. */
  nosession: null;
  error: SdkError;
}

type Handlers = {
  [Name in keyof SessionEvents as `on${Capitalize<Name>}`]?: (fact: SessionEvents[Name]) => void;
};

export interface SessionOptions extends Handlers {
  /** Your app's id on the marketplace. A launch token of another app is refused. */
  providerId: string;
  /** Origin of the marketplace: the only place a person is sent back to. */
  marketplace?: string;
  /** Origin of its API. */
  api?: string;
  /** How liveness is told: over a WebSocket, loaded once the session runs, with requests wherever it cannot be had (default); or by requests alone. */
  transport?: "websocket" | "http";
  /** `false`: stay on the page when the session is over (your own screen listens to `ended`). */
  redirect?: boolean;
  /** When your server took the launch token: answer that token, or the session token it redeemed. */
  onFetchConnectionToken?: () => Promise<string | undefined> | string | undefined;
  /** What this page saw of each reported meter since the start of the session: an object of yours that you go on counting in.
   * Told when it has changed and with the end, and compared with your server's reports (docs/two-sided-meter.md). */
  observed?: Record<string, number>;
  /** Own parts that live with the session; each is called once with the handle. The session bar is one. */
  plugins?: readonly ((session: MarketplaceSession, options: SessionOptions) => void)[];
  /** The bar: `false` for your own. Only in the build with the bar. */
  ui?: boolean;
  /** Language of the bar: a code it has (`en`, `de`; loaded when needed: `es`, `fr`, `it`, `nl`, `pt`), or your own texts.
   * Default: the page's. */
  locale?: string | Partial<BarTexts>;
}

export interface MarketplaceSession {
  /** Null until the marketplace has answered. */
  readonly state: SessionView | null;
  on<Name extends keyof SessionEvents>(name: Name, handler: (fact: SessionEvents[Name]) => void): () => void;
  off<Name extends keyof SessionEvents>(name: Name, handler: (fact: SessionEvents[Name]) => void): void;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** End, settle, and go back to the marketplace. */
  end(): Promise<void>;
  /** Hear the state now instead of at the next beat, e.g. after work that was charged. */
  refresh(): Promise<void>;
  /** Ask the person for more time. Spending needs their consent, so this opens the marketplace's page for it. */
  extend(): void;
  /** `fetch` for your own API: answered 401 with `SESSION_EXPIRED`, the session ends here as well. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}
