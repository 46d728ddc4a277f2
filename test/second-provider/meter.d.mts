export interface Meter {
  acted(): void;
  /** A label came out on this page. */
  saw(labels: number): void;
  beat(): Promise<{ status: string; remainingSeconds: number; tokensConsumed: number } | null>;
  /** The person is done. */
  end(): Promise<void>;
}
export function meter(settings: {
  api: string;
  token: string;
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  now?: () => number;
  seen?: number;
}): Meter;
