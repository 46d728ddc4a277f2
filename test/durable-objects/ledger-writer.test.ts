import { env } from "cloudflare:test";
import { afterEach, expect, it } from "vitest";
import type { PriceComponent } from "../../domain/pricing/components.ts";
import {
  aPerson,
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  launchTokenOf,
  started,
  sync,
} from "../support/market.ts";
import { newId } from "../../domain/ids.ts";

afterEach(booksAreSound);

const byToken = (holdPerHour: number): PriceComponent[] => [
  { meter: "token", price: { model: "dynamic" }, holdPerHour },
];
interface ReportBody {
  results?: { status: string; idempotencyKey: string }[];
}

it("answers each of a hundred reports that come at once with its own verdict", async () => {
  const app = await anApp(byToken(1_000));
  const session = await started(await aPerson(2_000), app);
  const report = (sessionId: string, idempotencyKey: string, amount: number) =>
    call<ReportBody>("POST", "/v1/provider/tokens/report", app.key, { sessionId, idempotencyKey, amount });
  await report(session.id, "before", 7);

  const asked = Array.from({ length: 20 }, (_, index) => [
    { sent: report(session.id, `new-${index}`, 2), verdict: [200, "accepted"] },
    { sent: report(session.id, "before", 7), verdict: [200, "duplicate"] },
    { sent: report(session.id, "before", 8 + index), verdict: [409, "conflict"] },
    { sent: report(newId(Date.now()), `nobody-${index}`, 1), verdict: [409, "session_closed"] },
    { sent: report(session.id, `much-${index}`, 5_000 + index), verdict: [402, "tokens_depleted"] },
  ]).flat();
  const answers = await Promise.all(asked.map(({ sent }) => sent));

  expect(answers.map(({ status, body }) => [status, body.results?.[0]!.status])).toEqual(
    asked.map(({ verdict }) => verdict),
  );
  const stored = await env.DB.prepare(
    "SELECT count(*) AS count, sum(units_micro) AS micro FROM usage_reports WHERE session_id = ?",
  )
    .bind(session.id)
    .first();
  expect(stored).toEqual({ count: 21, micro: (7 + 20 * 2) * 1_000_000 });
});

it("makes one session of one Idempotency-Key, however many requests carry it at once", async () => {
  const person = await aPerson(1_000);
  const app = await anApp(byToken(100));
  const headers = { "Idempotency-Key": `once-${newId(Date.now())}` };
  const answers = await Promise.all(Array.from({ length: 10 }, () => create(person, app, 60, headers)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ body }) => body.session.id)).size).toBe(1);
  expect(await balanceOf(person)).toEqual({ available: 900, held: 100 });
});

it("refuses the one start that cannot be paid and makes its neighbours of the same moment", async () => {
  const app = await anApp(byToken(100));
  const people = await Promise.all([aPerson(100), aPerson(99), aPerson(100)]);
  const answers = await Promise.all(people.map((person) => create(person, app)));
  expect(answers.map(({ status }) => status)).toEqual([200, 402, 200]);
});

it("creates, starts, reports and settles sessions of one moment together, each answered its own", async () => {
  const person = await aPerson(2_000);
  const app = await anApp(byToken(100));
  const { body: pending } = await create(person, app);
  const [reporting, ending, over] = [
    await started(person, app),
    await started(person, app),
    await started(person, app),
  ];
  const complete = (sessionId: string) => sync(app.key, { action: "complete", sessionId, final: true });
  await complete(over.id);

  const [made, opened, report, first, second, again] = await Promise.all([
    create(person, app),
    sync(launchTokenOf(pending.session.redirectUrl), { action: "start", nonce: "together" }),
    call<ReportBody>("POST", "/v1/provider/tokens/report", app.key, {
      sessionId: reporting.id,
      idempotencyKey: "now",
      amount: 30,
    }),
    complete(ending.id),
    complete(ending.id),
    complete(over.id),
  ]);

  expect(made.status).toBe(200);
  expect([opened.status, opened.body.session]).toMatchObject([200, { id: pending.session.id, status: "active" }]);
  expect(report.body.results).toMatchObject([{ status: "accepted" }]);
  for (const { body } of [first, second, again])
    expect(body.session).toMatchObject({ status: "completed", settlement: "settled", tokensConsumed: 0 });
  expect((await complete(reporting.id)).body.session).toMatchObject({ tokensConsumed: 30 });
  expect(await balanceOf(person)).toEqual({ available: 1_770, held: 200 });
});
