// The marketplace's half of a page's live socket, in the browser's network layer.

import type { BrowserContext, Page, WebSocketRoute } from "@playwright/test";
import type { SessionState } from "../../../sdk/src/protocol/session.ts";
import { API, SESSION_ID, type FakeMarketplace } from "./fake-marketplace.ts";

const ADDRESS = `${API.replace("https", "wss")}/v1/provider/sessions/${SESSION_ID}/live`;

export class FakeSocket {
  /** What pages said, in order. */
  readonly said: string[] = [];
  /** What each connection asked to speak. */
  readonly protocols: string[][] = [];
  /** Set to leave everything unanswered. */
  isDeaf = false;
  /** Set to refuse every connection with this code. */
  refusal: number | undefined;
  #open: WebSocketRoute | undefined;

  readonly #market: FakeMarketplace;

  constructor(market: FakeMarketplace) {
    this.#market = market;
  }

  async serve(target: Page | BrowserContext): Promise<void> {
    await target.routeWebSocket(ADDRESS, (socket) => {
      this.protocols.push(socket.protocols());
      if (this.refusal) return void socket.close({ code: this.refusal });
      this.#open = socket;
      this.push();
      socket.onMessage((message) => {
        this.said.push(String(message));
        if (this.isDeaf) return;
        if (message === "beat") socket.send("ok");
        else this.push();
      });
    });
  }

  /** Says the state as it is now, at a moment later than anything said before. */
  push(facts: Partial<SessionState> = {}): void {
    this.#market.set(facts);
    this.#market.later();
    this.#open!.send(JSON.stringify({ type: "state", session: this.#market.state }));
  }

  drop = (code = 1006): Promise<void> => this.#open!.close(code === 1006 ? {} : { code });
}
