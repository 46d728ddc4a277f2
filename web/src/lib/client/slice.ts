// A disputed slice as the API tells it, and how often an app's reports agree with its pages.

export type SliceStatus = "open" | "shown" | "contested" | "closed";
export interface Slice {
  sessionId: string;
  providerId: string;
  providerName: string;
  status: SliceStatus;
  tokens: number;
  meters: { meter: string; countedUnits: string; reportedUnits: string }[];
  openedAt: string;
  dueAt: string | null;
  evidence: { idempotencyKey: string; detail: string }[];
  note: string | null;
  provenTokens: number | null;
  contest: string | null;
  outcome: string | null;
  chargedTokens: number;
  returnedTokens: number;
  reason: string | null;
  closedAt: string | null;
}

export interface Accuracy {
  days: number;
  comparedFigures: number;
  agreedFigures: number;
  ratio: number | null;
}
