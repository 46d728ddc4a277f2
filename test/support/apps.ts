// Apps for tests, registered through the API as a provider would.

import { SELF } from "cloudflare:test";
import { newPerson, type TestPerson } from "./people.ts";

let count = 0;

/** A registration that is accepted; every call uses an address of its own. */
export function registration(changes: Record<string, unknown> = {}): Record<string, unknown> {
  count += 1;
  return {
    name: `Test App ${count}`,
    description: "Does something useful for a test.",
    category: "other",
    useCases: ["try things out"],
    appUrl: `https://app-${count}-${crypto.randomUUID()}.example.com/start`,
    logoUrl: "https://cdn.example.com/logo.png",
    tokenRatePerHour: 500,
    ...changes,
  };
}

export const send = (
  method: string,
  path: string,
  it: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> =>
  SELF.fetch(`http://localhost:3000${path}`, {
    method,
    headers: { ...(it.body !== undefined && { "Content-Type": "application/json" }), ...it.headers },
    ...(it.body !== undefined && { body: JSON.stringify(it.body) }),
  });

export interface TestApp {
  owner: TestPerson;
  provider: Record<string, unknown> & { id: string; priceVersionId: string };
  apiKey: string;
  testApiKey: string;
}

/** A registered app and its owner. */
export async function newApp(changes: Record<string, unknown> = {}, owner?: TestPerson): Promise<TestApp> {
  const person = owner ?? (await newPerson());
  const answer = await send("POST", "/v1/provider/register", { body: registration(changes), headers: person.headers });
  if (answer.status !== 201) throw new Error(`not registered: ${answer.status} ${await answer.text()}`);
  return { owner: person, ...(await answer.json<Omit<TestApp, "owner">>()) };
}
