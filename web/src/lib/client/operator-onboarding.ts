// People who asked for help with their app: the operators' endpoints. Apps that wait to be shown: listings.ts.

import { call } from "./api.ts";

const part = encodeURIComponent;

export interface HelpAsked {
  id: string;
  email: string;
  appName: string | null;
  message: string;
  createdAt: string;
}
export const listHelpAsked = () =>
  call<{ requests: HelpAsked[] }>("/v1/operator/onboarding").then((answer) => answer.requests);
/** Once; the person is told. */
export const answerHelp = (id: string, answer: string) =>
  call<unknown>(`/v1/operator/onboarding/${part(id)}/answer`, { method: "POST", body: { answer } });
