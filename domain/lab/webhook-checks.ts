// What the app's test endpoints make of the hour's events: the right ones, some twice, one late, one of a kind nobody knows, and
// three that nobody may believe. The tenth of a second each takes is real; the hour they tell of is not.

import type { Millis } from "../clock.ts";
import { newId } from "../ids.ts";
import type { SessionEvent } from "../sessions/events.ts";
import { TIMEOUT_MS } from "../webhooks/attempt.ts";
import { eventBody } from "../webhooks/body.ts";
import { signingKeysOf } from "../webhooks/secrets.ts";
import { importSecret, newWebhookSecret, signatureHeaders, type SigningKeys } from "../webhooks/sign.ts";
import { assertUrlAllowed } from "../webhooks/url-policy.ts";
import type { PageDoor } from "../gateways/app-page.ts";
import { failed, passed, skipped, warned, type CheckId, type Finding } from "./checks.ts";

export interface LabEndpoint {
  url: string;
  /** Sealed, the newest first. */
  secrets: string[];
  events: string[];
}
export interface WebhookDoor extends PageDoor {
  dataKey: string;
  clock: () => Millis;
}

/** Receivers that take longer are told so, though we wait longer. */
const SLOW_MS = 3_000;
/** The standard asks receivers to refuse what was signed more than five minutes ago. */
const STALE_MS = 10 * 60 * 1000;

const WEBHOOK_CHECKS: readonly CheckId[] = [
  "webhooks_accepted",
  "webhooks_repeated",
  "webhooks_late",
  "webhooks_unknown",
  "webhooks_forged",
  "webhooks_tampered",
  "webhooks_stale",
];

interface Sent {
  status: number | null;
  ms: number;
}

/** Asks one endpoint everything. The first refusal of an honest event decides that check. */
export async function checkEndpoint(
  endpoint: LabEndpoint,
  events: readonly SessionEvent[],
  door: WebhookDoor,
): Promise<Finding[]> {
  const keys = await Promise.all(endpoint.secrets.map((sealed) => signingKeysOf(door.dataKey, sealed)));
  const wanted = events.filter(({ type }) => endpoint.events.includes("*") || endpoint.events.includes(type));
  // One who subscribed to none of them still has to take what is sent: the first event of the hour.
  const told = wanted.length > 0 ? wanted : events.slice(0, 1);
  const messages = told.map((event, index) => ({
    id: event.id,
    type: event.type,
    body: eventBody({ ...event, sequence: index + 1, data: JSON.stringify({ ...event.data, lab: true }) }),
  }));
  const post = (message: { id: string; body: string }, by: { keys?: SigningKeys[]; at?: Millis; body?: string } = {}) =>
    send(endpoint.url, message, { keys, at: door.clock(), ...by }, door);

  const findings: Finding[] = [];
  const first: Sent[] = [];
  for (const message of messages) first.push(await post(message));
  findings.push(judgeAccepted(messages, first));

  const [opening] = messages;
  if (!opening) return findings;
  findings.push(
    judgeHonest("webhooks_repeated", await post(opening), "an event that came before", {
      mend: "Answer 2xx to an event you know already, and do nothing: remember `webhook-id`. We repeat an event whenever an answer is lost.",
    }),
  );
  const late = { ...opening, id: newId(door.clock()) };
  findings.push(
    judgeHonest(
      "webhooks_late",
      await post({ ...late, body: opening.body.replace(opening.id, late.id) }),
      "an event whose `sequence` lies behind",
      {
        mend: "Events are unordered. Answer 2xx, and use `data.sequence` of the session to leave out what is older than what you know.",
      },
    ),
  );
  const unknown = newId(door.clock());
  findings.push(
    judgeHonest(
      "webhooks_unknown",
      await post({
        id: unknown,
        body: JSON.stringify({
          id: unknown,
          type: "lab.unknown",
          timestamp: new Date(door.clock()).toISOString(),
          data: { lab: true },
        }),
      }),
      "an event of a type it does not know",
      { mend: "Answer 2xx to types you do not know: new ones are added without notice." },
    ),
  );
  const stranger = await importSecret(newWebhookSecret());
  findings.push(
    judgeForged("webhooks_forged", await post(opening, { keys: [stranger] }), "signed with a strange secret"),
  );
  findings.push(
    judgeForged(
      "webhooks_tampered",
      await post(opening, { body: opening.body.replace('"lab":true', '"lab":false') }),
      "whose body was changed after it was signed",
    ),
  );
  findings.push(
    judgeForged("webhooks_stale", await post(opening, { at: door.clock() - STALE_MS }), "signed ten minutes ago"),
  );
  return findings;
}

/** Several endpoints: the worst of each check is what counts. */
export function worstOf(findings: readonly Finding[][]): Finding[] {
  const order = ["failed", "warning", "passed", "skipped"];
  return WEBHOOK_CHECKS.flatMap((check) => {
    const all = findings.flat().filter((one) => one.check === check);
    return all.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict)).slice(0, 1);
  });
}

export const noEndpoints = (): Finding[] =>
  WEBHOOK_CHECKS.map((check) =>
    skipped(
      check,
      "The app has no webhook endpoint for its sandbox.",
      "Register one with your test key to have it looked at.",
    ),
  );

function judgeAccepted(messages: readonly { type: string }[], sent: readonly Sent[]): Finding {
  const refused = messages.flatMap((message, index) =>
    isGood(sent[index]!) ? [] : [`${message.type} (${sent[index]!.status ?? "no answer"})`],
  );
  const mend = `Answer 2xx within ${TIMEOUT_MS / 1000} seconds, and do the work afterwards. Verify the signature over the bytes as they came.`;
  if (refused.length > 0)
    return failed(
      "webhooks_accepted",
      `${refused.length} of ${sent.length} events were not taken: ${refused.join(", ")}.`,
      mend,
    );
  const slowest = Math.max(...sent.map(({ ms }) => ms));
  if (slowest > SLOW_MS)
    return warned("webhooks_accepted", `All ${sent.length} events were taken, the slowest in ${slowest} ms.`, mend);
  return passed("webhooks_accepted", `All ${sent.length} events of the hour were taken, the slowest in ${slowest} ms.`);
}

const isGood = ({ status }: Sent): boolean => status !== null && status >= 200 && status < 300;

function judgeHonest(check: CheckId, sent: Sent, what: string, { mend }: { mend: string }): Finding {
  if (isGood(sent)) return passed(check, `It answered ${sent.status} to ${what}.`);
  return failed(check, `It answered ${sent.status ?? "nothing"} to ${what}.`, mend);
}

function judgeForged(check: CheckId, sent: Sent, what: string): Finding {
  const mend =
    "Verify every webhook before you believe it, with the SDK's `webhooks.verify` or any Standard Webhooks library: the signature over the raw body, and a timestamp of the last five minutes. Answer 400 or 401 to anything else.";
  if (sent.status === null) return failed(check, `No answer to an event ${what}.`, mend);
  if (isGood(sent)) return failed(check, `It took an event ${what} (${sent.status}): anybody could send it one.`, mend);
  if (sent.status >= 500)
    return failed(check, `It answered ${sent.status} to an event ${what}; that asks us to send it again.`, mend);
  return passed(check, `It refused an event ${what} (${sent.status}).`);
}

async function send(
  url: string,
  message: { id: string; body: string },
  by: { keys: readonly SigningKeys[]; at: Millis; body?: string },
  door: WebhookDoor,
): Promise<Sent> {
  const startedAt = door.clock();
  const timestampSeconds = Math.floor(by.at / 1000);
  const headers = await signatureHeaders({ id: message.id, timestampSeconds, body: message.body }, by.keys);
  const cutOff = new AbortController();
  const timer = setTimeout(() => cutOff.abort(), TIMEOUT_MS);
  try {
    assertUrlAllowed(url, { environment: door.environment, purpose: "webhook" });
    const response = await door.send(url, {
      method: "POST",
      body: by.body ?? message.body,
      headers: { "Content-Type": "application/json", "User-Agent": "Meterplace-Lab/1.0", ...headers },
      redirect: "manual",
      signal: cutOff.signal,
    });
    await response.body?.cancel();
    return { status: response.status, ms: door.clock() - startedAt };
  } catch {
    return { status: null, ms: door.clock() - startedAt };
  } finally {
    clearTimeout(timer);
  }
}
