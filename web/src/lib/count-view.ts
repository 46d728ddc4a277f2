// One look at an app's page, counted once in each tab, and not for people whose browser says they do not want to be counted.

import { countView } from "./client/endpoints.ts";

const keyOf = (id: string): string => `seen ${id}`;

export function countLook(id: string): void {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean };
  if (globalPrivacyControl || doNotTrack === "1") return;
  try {
    if (sessionStorage.getItem(keyOf(id))) return;
    sessionStorage.setItem(keyOf(id), "1");
  } catch {
    // A browser that keeps nothing counts every look.
  }
  void countView(id);
}
