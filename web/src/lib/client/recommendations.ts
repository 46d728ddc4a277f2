// What the signed-in person is recommended, and what they do not want to see again.

import { call } from "./api.ts";
import type { ProviderCard } from "./types.ts";

interface Shared {
  id: string;
  provider: ProviderCard;
}
interface Priced {
  appId: string;
  appName: string;
  days: number;
  sessions: number;
  paidTokens: number;
  wouldTokens: number;
}
export type Recommendation =
  | (Shared & { kind: "together"; because: { appId: string; appName: string; people: number; of: number } })
  | (Shared & { kind: "cheaper"; because: Priced & { says: string; otherSays: string } })
  | (Shared & {
      kind: "plan";
      because: Priced & { planId: string; planName: string; monthCents: number; includedTokens: number };
    });

/** @param after Only what follows from the use of this app. */
export const listRecommendations = async (after: string | null): Promise<Recommendation[]> =>
  (await call<{ recommendations: Recommendation[] }>("/v1/recommendations", { query: { after: after ?? undefined } }))
    .recommendations;
export const dismissRecommendation = (id: string) =>
  call<{ dismissed: true }>(`/v1/recommendations/${encodeURIComponent(id)}/dismiss`, { method: "POST" });
