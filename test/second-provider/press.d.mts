export interface Settings {
  api: string;
  marketplace: string;
  providerId: string;
  /** Which one a call takes, the launch says. */
  keys: { live: string; test: string };
  appUrl: string;
  /** Of the webhook endpoint of each mode. */
  secrets?: { live?: string; test?: string };
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  now?: () => number;
  wait?: (ms: number) => Promise<void>;
  /** Work that goes on after an answer. */
  later?: (work: Promise<void>) => void;
}
export function labelPress(settings: Settings): (request: Request) => Promise<Response>;
