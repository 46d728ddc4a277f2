// How much waits for an operator in each area of their pages.

import { call } from "./api.ts";

export const countWaiting = () =>
  call<{ waiting: Partial<Record<string, number>> }>("/v1/operator/waiting").then((answer) => answer.waiting);
