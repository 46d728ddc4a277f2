// What the full build adds to a session's options: the bar.

import type { SessionOptions } from "../browser/options.ts";
import { sessionBar } from "./bar.ts";

export const withBar = (options: SessionOptions): SessionOptions => ({
  ...options,
  plugins: [sessionBar, ...(options.plugins ?? [])],
});
