import type { Preferences } from "$lib/preferences.ts";

declare global {
  namespace App {
    interface Locals {
      preferences: Preferences;
    }
    interface Platform {
      env: { API: { fetch(request: Request): Promise<Response> } };
    }
    interface Error {
      message: string;
      code?: string;
      requestId?: string;
    }
  }
}
