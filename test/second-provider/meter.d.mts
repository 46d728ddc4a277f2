export interface Meter {
  acted(): void;
  beat(): Promise<{ status: string; remainingSeconds: number; tokensConsumed: number } | null>;
}
export function meter(settings: {
  api: string;
  token: string;
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  now?: () => number;
}): Meter;
