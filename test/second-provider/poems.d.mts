export interface Settings {
  api: string;
  marketplace: string;
  providerId: string;
  apiKey: string;
  appUrl: string;
  webhookSecret: string;
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  now?: () => number;
  wait?: (ms: number) => Promise<void>;
}
export function nightPoems(settings: Settings): (request: Request) => Promise<Response>;
