// Where the API is: this origin, unless the build says otherwise (VITE_API_URL).

import { env } from "../build-env.ts";

export type Fetch = typeof fetch;
export const API_BASE = env.apiUrl.replace(/\/$/, "");
