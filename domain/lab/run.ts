// The conformance lab: looks at an app the way a session would use it, with faults nobody can order from a real person. Real
// launches of sandbox sessions go to the app's address, an hour of a session is played in no time, and its events go to the
// sandbox's endpoints. docs/lab.md.

import { iso, type Millis } from "../clock.ts";
import { ownedApp } from "../catalogue/change-app.ts";
import type { App } from "../catalogue/app.ts";
import { dayOf } from "../catalogue/day-counts-store.ts";
import { DomainError } from "../errors.ts";
import { openPage } from "../gateways/app-page.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { reportedMeters } from "../pricing/components.ts";
import { createSession, type WriteSession } from "../sessions/create-session.ts";
import type { Session } from "../sessions/row.ts";
import { readSession } from "../sessions/store.ts";
import { LAUNCH_PARAMS, LAUNCH_SECONDS } from "../../sdk/src/protocol/session.ts";
import { launchUrl } from "../sessions/tokens.ts";
import { signBadge } from "./badge.ts";
import { failed, LAB_VERSION, passed, skipped, warned, type Finding } from "./checks.ts";
import { judgeForeignReturn, judgeLaunch, judgeWrong, type WrongKind } from "./page-checks.ts";
import {
  countLateReports,
  countSandboxReports,
  insertRun,
  lastRunAt,
  listRuns,
  sandboxEndpoints,
  type LabRun,
} from "./store.ts";
import { playHour, type VirtualHour } from "./virtual-hour.ts";
import { checkEndpoint, noEndpoints, worstOf, type WebhookDoor } from "./webhook-checks.ts";

/** A run makes some twenty requests to the app; more often it would be a load test. */
export const RUN_EVERY_MS = 2_000;
const SANDBOX_MINUTES = 5;
/** Endpoints asked in one run. */
const ENDPOINTS_MAX = 3;
const REPORTS_LOOK_BACK_MS = 7 * 24 * 60 * 60 * 1000;
/** Nobody's: the name is reserved (RFC 2606), and nothing is sent there. */
const FOREIGN_ORIGIN = "https://return.example";

export interface LabEnv {
  DB: D1Database;
  SIGNING_KEYS: string;
  WEB_ORIGIN: string;
  API_ORIGIN: string;
}
/** What the lab needs of the Worker. */
export interface LabPlace extends WebhookDoor {
  env: LabEnv;
  create: WriteSession;
  /** Ends a sandbox session, whatever its state. */
  end(sessionId: string): Promise<void>;
}

export interface LabRunView {
  id: string;
  providerId: string;
  appOrigin: string;
  version: number;
  passed: boolean;
  at: string;
  checks: Finding[];
  hour: VirtualHour;
  badge: string | null;
}
export const labRunView = (run: LabRun): LabRunView => ({ ...run, at: iso(run.at) });

/**
 * Run the lab on one's own app; takes up to half a minute. Idempotent by `claim`.
 * @throws DomainError `provider_not_found`; `rate_limited` within two seconds of the run before.
 */
export async function runLab(
  place: LabPlace,
  it: { providerId: string; ownerId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ run: LabRunView }> {
  const { env } = place;
  const app = await ownedApp(env.DB, it.ownerId, it.providerId);
  const last = await lastRunAt(env.DB, app.id);
  if (last !== null && now - last < RUN_EVERY_MS && now >= last)
    throw new DomainError("rate_limited", "The lab has just looked at this app. Try again in a moment.", {
      retryAfterSeconds: Math.ceil(RUN_EVERY_MS / 1000),
    });
  const parties = { id: newId(now), providerId: app.id, subject: "lab" };
  const { hour, events } = playHour(parties, now);
  const [page, webhooks, reports] = await Promise.all([
    lookAtPage(place, app, now),
    sandboxEndpoints(env.DB, app.id, ENDPOINTS_MAX, now).then(async (endpoints) =>
      endpoints.length === 0
        ? noEndpoints()
        : worstOf(await Promise.all(endpoints.map((endpoint) => checkEndpoint(endpoint, events, place)))),
    ),
    lookAtReports(env.DB, app, now),
  ]);
  const checks = [...page, judgeHour(hour), ...webhooks, ...reports];
  const isPassed = checks.every(({ verdict }) => verdict !== "failed");
  const appOrigin = new URL(app.appUrl).origin;
  const run: LabRun = {
    id: newId(now),
    providerId: app.id,
    appOrigin,
    version: LAB_VERSION,
    passed: isPassed,
    checks,
    hour,
    badge: isPassed ? await signBadge(env, { providerId: app.id, appOrigin }, now) : null,
    at: now,
  };
  const answer = { run: labRunView(run) };
  await env.DB.batch([
    ...insertRun(env.DB, run),
    ...(await recordAnswer(env.DB, it.claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

/** The last runs on one's own app, newest first. @throws DomainError `provider_not_found`. */
export async function readLabRuns(
  db: D1Database,
  it: { providerId: string; ownerId: string },
): Promise<{ runs: LabRunView[] }> {
  const app = await ownedApp(db, it.ownerId, it.providerId);
  return { runs: (await listRuns(db, app.id)).map(labRunView) };
}

async function lookAtPage(place: LabPlace, app: App, now: Millis): Promise<Finding[]> {
  const { env } = place;
  const made: string[] = [];
  const sandbox = async (): Promise<Session> => {
    const nobody = `sandbox:${app.id}`;
    const { session } = await createSession(
      env,
      place.create,
      {
        mode: "test",
        userId: nobody,
        walletId: nobody,
        providerId: app.id,
        durationSeconds: SANDBOX_MINUTES * 60,
        autoExtendSeconds: 0,
        tags: ["lab"],
        claim: null,
      },
      now,
    );
    made.push(session.id);
    return (await readSession(env.DB, session.id))!;
  };
  const hasStarted = async ({ id }: Session) => (await readSession(env.DB, id))?.startedAt !== null;
  const open = (address: string) => openPage(address, place, place.clock);
  try {
    const session = await sandbox();
    const address = await launchUrl(env, session);
    const page = await open(address);
    const redeemed = await hasStarted(session);
    const findings = judgeLaunch({ page, token: tokenOf(address), redeemed });
    if (findings[0]!.verdict === "failed")
      return [
        ...findings,
        ...(
          ["token_replayed", "token_wrong_audience", "token_expired", "token_tampered", "foreign_return"] as const
        ).map((check) => skipped(check, "The page did not open.")),
      ];
    findings.push(
      redeemed
        ? judgeWrong("token_replayed", { page: await open(address), started: false })
        : skipped("token_replayed", "The page's script redeems the launch, and is refused a second time by the API."),
    );
    for (const kind of ["token_wrong_audience", "token_expired", "token_tampered"] as const) {
      const other = await sandbox();
      const seen = await open(await wrongLaunch(env, other, kind, now));
      findings.push(judgeWrong(kind, { page: seen, started: await hasStarted(other) }));
    }
    const strange = new URL(await launchUrl(env, await sandbox()));
    strange.searchParams.set(LAUNCH_PARAMS.returnUrl, `${FOREIGN_ORIGIN}/session/complete`);
    findings.push(judgeForeignReturn(await open(strange.href), FOREIGN_ORIGIN));
    return findings;
  } finally {
    await Promise.all(made.map((id) => place.end(id)));
  }
}

const tokenOf = (address: string): string => new URL(address).searchParams.get(LAUNCH_PARAMS.token)!;

/** The app's own address with a launch it must not take. */
async function wrongLaunch(
  env: LabEnv,
  session: Session,
  kind: Exclude<WrongKind, "token_replayed">,
  now: Millis,
): Promise<string> {
  const address = new URL(await launchUrl(env, session));
  const token = await {
    token_wrong_audience: async () =>
      tokenOf(await launchUrl(env, { ...session, appUrl: "https://another-app.example/" })),
    token_expired: async () =>
      tokenOf(await launchUrl(env, { ...session, createdAt: now - 2 * LAUNCH_SECONDS * 1000 })),
    token_tampered: async () => withBrokenSignature(tokenOf(address.href)),
  }[kind]();
  address.searchParams.set(LAUNCH_PARAMS.token, token);
  return address.href;
}

function withBrokenSignature(token: string): string {
  const at = token.lastIndexOf(".") + 10;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

function judgeHour(hour: VirtualHour): Finding {
  const { expected } = hour;
  const found = `${hour.activeSeconds} s were charged, over at ${hour.endedAtSecond} s; ${hour.dropped} beats lost, ${hour.doubled} doubled, ${hour.pauses.length} pauses.`;
  return hour.activeSeconds === expected.activeSeconds && hour.endedAtSecond === expected.endedAtSecond
    ? passed("virtual_hour", found)
    : failed(
        "virtual_hour",
        `${found} Counted by hand it is ${expected.activeSeconds} s, over at ${expected.endedAtSecond} s.`,
        "This one is ours: tell the marketplace.",
      );
}

async function lookAtReports(db: D1Database, app: App, now: Millis): Promise<Finding[]> {
  if (reportedMeters(app.components).length === 0)
    return (["reports_seen", "reports_in_time"] as const).map((check) =>
      skipped(check, "The price has no part that your server reports."),
    );
  const since = now - REPORTS_LOOK_BACK_MS;
  const [reports, late] = await Promise.all([
    countSandboxReports(db, app.id, since),
    countLateReports(db, app.id, dayOf(since)),
  ]);
  return [judgeReports(reports, app), judgeLate(late)];
}

function judgeReports(
  { reports, unpriced }: { reports: number; unpriced: string[] },
  app: Pick<App, "components">,
): Finding {
  if (reports === 0)
    return warned(
      "reports_seen",
      "No report came from a sandbox session in the last week, though the price counts what you report.",
      "Open a sandbox session, do one piece of work that costs, and see it accepted (docs/quickstart.md).",
    );
  const found = `${reports} ${reports === 1 ? "report" : "reports"} came from sandbox sessions in the last week.`;
  if (unpriced.length === 0) return passed("reports_seen", found);
  return warned(
    "reports_seen",
    `${found} Some are of meters their price did not have (${unpriced.slice(0, 5).join(", ")}): nobody pays for those.`,
    `Report the meters of your price: ${reportedMeters(app.components).join(", ")}.`,
  );
}

const judgeLate = (late: number): Finding =>
  late === 0
    ? passed("reports_in_time", "No report with a test key came too late in the last week.")
    : warned(
        "reports_in_time",
        `${late} ${late === 1 ? "report" : "reports"} with a test key came for no open sandbox session in the last week: over, not begun, or a real one.`,
        "Report before the work, with the key of the session's mode, and complete the session from your server with `final: true` when it is done; after the end there are 15 seconds for what happened before it.",
      );
