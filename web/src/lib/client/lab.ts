// The conformance lab. docs/lab.md.

import { call } from "./api.ts";

const part = encodeURIComponent;

export type Verdict = "passed" | "failed" | "warning" | "skipped";
export interface Finding {
  check: string;
  verdict: Verdict;
  found: string;
  mend: string | null;
}
export interface LabRun {
  id: string;
  appOrigin: string;
  version: number;
  passed: boolean;
  at: string;
  checks: Finding[];
  hour: { activeSeconds: number; pauses: { cause: string; atSecond: number }[]; endedAtSecond: number | null };
  badge: string | null;
}
export interface LabBadge {
  appOrigin: string;
  passedAt: string;
  expiresAt: string;
  signed: string;
}

export const listLabRuns = (providerId: string) =>
  call<{ runs: LabRun[] }>(`/v1/provider/apps/${part(providerId)}/lab`).then(({ runs }) => runs);
export const runLab = (providerId: string) =>
  call<{ run: LabRun }>(`/v1/provider/apps/${part(providerId)}/lab`, { method: "POST" }).then(({ run }) => run);
export const getBadge = (providerId: string) =>
  call<{ badge: LabBadge | null }>(`/v1/providers/${part(providerId)}/badge`, { signIn: "none" }).then(
    ({ badge }) => badge,
  );
