// The webhooks this provider received: verified twice, by the independent `standardwebhooks` package and by our own SDK
// for the second header; the last hundred are kept in memory and shown.

import { MARKETPLACE_SIGNATURE_HEADER } from "../../sdk/src/protocol/webhooks.ts";
import { verifyWebhook, type WebhookEvent } from "@meterplace/sdk";
import { Webhook } from "standardwebhooks";

const KEPT_MAX = 100;

export interface ReceivedWebhook {
  app: string;
  /** When it arrived here, ISO 8601. */
  receivedAt: string;
  event: WebhookEvent;
  /** The same event came before; a receiver must do nothing the second time. */
  isRepeat: boolean;
  signatures: { standardWebhooks: true; marketplace: boolean };
}
export type Verdict =
  | { isGenuine: true; event: WebhookEvent; isRepeat: boolean }
  | { isGenuine: false; reason: string };

export function webhookInbox() {
  const received: ReceivedWebhook[] = [];
  return {
    /** Newest first. */
    list: (): readonly ReceivedWebhook[] => received,

    async receive(app: string, secret: string, body: string, headers: Headers): Promise<Verdict> {
      let event: WebhookEvent;
      try {
        event = new Webhook(secret).verify(body, Object.fromEntries(headers)) as WebhookEvent;
      } catch (error) {
        return { isGenuine: false, reason: (error as Error).message };
      }
      const marketplace = await isSignedForMarketplaceHeader(body, headers, secret);
      const isRepeat = received.some((known) => known.event.id === event.id && known.app === app);
      received.unshift({
        app,
        receivedAt: new Date().toISOString(),
        event,
        isRepeat,
        signatures: { standardWebhooks: true, marketplace },
      });
      received.length = Math.min(received.length, KEPT_MAX);
      return { isGenuine: true, event, isRepeat };
    },
  };
}

async function isSignedForMarketplaceHeader(body: string, headers: Headers, secret: string): Promise<boolean> {
  const only = { [MARKETPLACE_SIGNATURE_HEADER]: headers.get(MARKETPLACE_SIGNATURE_HEADER) ?? "" };
  return verifyWebhook(body, only, secret).then(
    () => true,
    () => false,
  );
}
