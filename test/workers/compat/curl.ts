// Reads a curl command as a person would type it, and sends it to the Worker under test. Knows what the samples use:
// -X, -H, -d, quotes and continued lines.

import { SELF } from "cloudflare:test";

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/**
 * @param lines The command as it is written down.
 * @param replace What stands for a value in the sample ("<token>", "uuid"), and what to send instead.
 */
export async function runCurl(lines: readonly string[], replace: Record<string, string> = {}): Promise<Answer> {
  const { url, init } = readCurl(lines.join("\n"));
  const filled = (text: string) =>
    Object.entries(replace).reduce((done, [sample, value]) => done.replaceAll(sample, value), text);
  const headers = Object.fromEntries(Object.entries(init.headers).map(([name, value]) => [name, filled(value)]));
  const address = new URL(filled(url));
  // The sample's host is the marketplace's; under test it is this Worker.
  address.protocol = "http:";
  address.host = "localhost:3000";
  const answer = await SELF.fetch(address.href, {
    method: init.method,
    headers,
    ...(init.body !== null && { body: filled(init.body) }),
    redirect: "manual",
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : {} };
}

export function readCurl(command: string): {
  url: string;
  init: { method: string; headers: Record<string, string>; body: string | null };
} {
  const words = [...command.replaceAll("\\\n", " ").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
  if (words.shift() !== "curl") throw new Error(`not a curl command: ${command}`);
  const headers: Record<string, string> = {};
  let [method, url, body]: [string | null, string, string | null] = [null, "", null];
  for (let word = words.shift(); word !== undefined; word = words.shift())
    if (word === "-X") method = words.shift() ?? null;
    else if (word === "-d") body = words.shift() ?? null;
    else if (word === "-H") {
      const [name = "", ...value] = (words.shift() ?? "").split(": ");
      headers[name] = value.join(": ");
    } else if (word.startsWith("http")) url = word;
    else throw new Error(`unknown option ${word} in: ${command}`);
  return { url, init: { method: method ?? (body === null ? "GET" : "POST"), headers, body } };
}
