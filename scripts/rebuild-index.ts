// `npm run rebuild-index`: forgets the discovery index of a running marketplace and builds it anew from D1. The local one with
// its seeded operator; another with API_ORIGIN, OPERATOR_EMAIL and OPERATOR_PASSWORD.

import { SEED_PASSWORD, SEEDED_PEOPLE } from "./seed/people.ts";
import { readSettings } from "./start/settings.ts";

interface State {
  apps: number;
  phrases: number;
  withoutVector: number;
}

const settings = readSettings();
const origin = process.env["API_ORIGIN"] ?? `http://localhost:${settings.ports.api}`;
const email = process.env["OPERATOR_EMAIL"] ?? SEEDED_PEOPLE.operator.email;
const password = process.env["OPERATOR_PASSWORD"] ?? SEED_PASSWORD;

async function post<Answer>(path: string, headers: Record<string, string>, body?: unknown): Promise<Answer> {
  const answer = await fetch(new URL(path, origin), {
    method: "POST",
    headers: { ...headers, ...(body !== undefined && { "Content-Type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const said = (await answer.json()) as Answer & { detail?: string };
  if (!answer.ok) throw new Error(said.detail ?? `${path} answered ${answer.status}`);
  return said;
}

try {
  const { token } = await post<{ token: string }>("/v1/auth/login", {}, { email, password });
  const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": crypto.randomUUID() };
  const state = await post<State>("/v1/operator/catalogue-index/rebuild", headers);
  console.log(
    `rebuilt: ${state.apps} apps, ${state.phrases} phrases, ${state.withoutVector} of them wait for a vector`,
  );
} catch (error) {
  console.error(error instanceof TypeError ? `Nothing answers at ${origin}. Run npm start first.` : String(error));
  process.exitCode = 1;
}
