// What a fresh clone shows.
import type { Settings } from "./start/settings.ts";

export interface SignIn {
  email: string;
  password: string;
  who: string;
}

export async function seed(_database: unknown, _settings: Settings): Promise<SignIn[]> {
  return [];
}
