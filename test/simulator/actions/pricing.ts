// Owners who change their prices while sessions run: at once, announced for later and taken back, with the old price kept for
// who used the app before, and two prices tried side by side.

import { issueAccessToken } from "../../../domain/identity/access-token.ts";
import type { PriceComponent } from "../../../domain/pricing/components.ts";
import type { Dice } from "../dice.ts";
import { PRICES, type App } from "../inhabitants.ts";
import { Violation, type World } from "../world.ts";
import type { Area } from "./action.ts";
import { visit } from "./using.ts";

/** What a process remembers of an app's prices is this old at the most (domain/catalogue/load-for-session.ts). */
const REMEMBERED_MS = 10_000;

export const ownerToken = (world: World, { ownerUserId }: App): Promise<string> =>
  issueAccessToken(world.env, { userId: ownerUserId, walletId: "none", signInId: "none", role: "user" }, world.now);

/** The same price so many times. */
const times = (app: App, scale: number): PriceComponent[] =>
  PRICES[app.kind].map((component) =>
    component.price.model === "per_unit"
      ? { ...component, price: { ...component.price, unit: String(Number(component.price.unit) * scale) } }
      : component,
  );

/** Apps that report tokens have no price of their own. */
const priced = (world: World): App[] => world.apps.filter(({ kind }) => kind !== "reported");
const ask = (world: World, app: App, path: string, body: object): Promise<void> =>
  world.ask(
    { path: `/v1/provider/apps/${app.id}/${path}`, bearer: () => ownerToken(world, app), body },
    () => undefined,
  );

async function publish(world: World, dice: Dice): Promise<void> {
  const app = dice.pick(priced(world));
  const isLater = dice.chance(0.5);
  await ask(world, app, "prices", {
    pricing: times(app, dice.between(1, 3)),
    ...(isLater && { effectiveAt: new Date(world.now + dice.pick([60, 600, 40_000]) * 1000).toISOString() }),
    ...(dice.chance(0.5) && { keepOldPriceDays: dice.pick([1, 30]) }),
  });
}

async function withdraw(world: World, dice: Dice): Promise<void> {
  const announced = world.database.read<{ id: string; appId: string }>(
    "SELECT id, provider_id AS appId FROM price_versions WHERE purpose = 'list' AND effective_at > ? ORDER BY id",
    world.now,
  );
  if (announced.length === 0) return;
  const { id, appId } = dice.pick(announced);
  await ask(
    world,
    world.apps.find((app) => app.id === appId)!,
    "prices/withdraw",
    { priceVersionId: id },
  );
}

async function test(world: World, dice: Dice): Promise<void> {
  const app = dice.pick(priced(world));
  if (dice.chance(0.3)) return ask(world, app, "experiments/stop", {});
  await ask(world, app, "experiments", { pricing: times(app, dice.between(1, 3)), testSharePercent: 50 });
}

interface Version {
  id: string;
  appId: string;
  components: string;
  effectiveAt: number;
  keepUntil: number | null;
  withdrawnAt: number | null;
}
interface Test {
  id: string;
  appId: string;
  baseId: string;
  testId: string;
  startedAt: number;
  stoppedAt: number | null;
}
interface Session {
  id: string;
  userId: string;
  appId: string;
  versionId: string;
  components: string;
  experimentId: string | null;
  createdAt: number;
  since: number;
}
const VERSIONS = `SELECT id, provider_id AS appId, components, effective_at AS effectiveAt, keep_until AS keepUntil,
    withdrawn_at AS withdrawnAt FROM price_versions ORDER BY effective_at, id`;
const TESTS = `SELECT id, provider_id AS appId, base_version_id AS baseId, test_version_id AS testId, started_at AS startedAt,
    stopped_at AS stoppedAt FROM price_experiments`;
const SESSIONS = `SELECT s.id, s.user_id AS userId, s.provider_id AS appId, s.price_version_id AS versionId, s.components,
    s.experiment_id AS experimentId, s.created_at AS createdAt, coalesce(u.created_at, s.created_at) AS since
  FROM sessions s LEFT JOIN subjects u ON u.user_id = s.user_id AND u.provider_id = s.provider_id
  WHERE s.mode = 'live' ORDER BY s.created_at, s.id`;

/** The price a person who first came at `since` finds on the list at a moment. `list` is oldest first. */
function onTheList(list: readonly Version[], since: number, at: number): Version {
  const started = list.filter(({ effectiveAt, withdrawnAt }) => effectiveAt <= at && withdrawnAt === null);
  const newest = started.at(-1)!;
  const isKept = newest.keepUntil !== null && newest.keepUntil > at && since < newest.effectiveAt && started.length > 1;
  return isKept ? onTheList(started.slice(0, -1), since, at) : newest;
}

/** Every price that could rightly be theirs: what an isolate remembers is some seconds old. */
function rightly(versions: readonly Version[], tests: readonly Test[], session: Session): Set<string> {
  const of = versions.filter(({ appId }) => appId === session.appId);
  const list = of.filter(({ id }) => !tests.some(({ testId }) => testId === id));
  const { createdAt, since } = session;
  const began = list[0]!.effectiveAt;
  const moments = [0, 1, REMEMBERED_MS, ...list.map(({ effectiveAt }) => createdAt - effectiveAt)].filter(
    (age) => age >= 0 && age <= REMEMBERED_MS && createdAt - age >= began,
  );
  const ids = new Set(moments.map((age) => onTheList(list, since, createdAt - age).id));
  for (const { appId, baseId, testId, startedAt, stoppedAt } of tests)
    if (appId === session.appId && ids.has(baseId) && startedAt <= createdAt)
      if ((stoppedAt ?? Infinity) >= createdAt - REMEMBERED_MS) ids.add(testId);
  return ids;
}

function checkPrices(world: World): void {
  const sessions = world.database.read<Session>(SESSIONS);
  if (sessions.length === 0) return;
  const versions = world.database.read<Version>(VERSIONS);
  const tests = world.database.read<Test>(TESTS);
  const armOf = new Map<string, string>();
  for (const session of sessions) {
    const say = (what: string): never => {
      throw new Violation(`session ${session.id}: ${what}`);
    };
    const version = versions.find(({ id }) => id === session.versionId);
    if (version?.components !== session.components) say("its price is not that of its version");
    const arm = `${session.experimentId} ${session.userId}`;
    if (session.experimentId !== null) {
      if ((armOf.get(arm) ?? session.versionId) !== session.versionId) say("the other price of a test than before");
      armOf.set(arm, session.versionId);
    }
    const seen = `price ${session.id} `;
    if (world.seen.has(seen + session.versionId)) continue;
    if ([...world.seen].some((known) => known.startsWith(seen))) say("its price has changed");
    world.seen.add(seen + session.versionId);
    if (!rightly(versions, tests, session).has(session.versionId))
      say(`at price ${session.versionId}, which was not on offer`);
    if (versions.filter(({ appId }) => appId === session.appId)[0]!.id !== session.versionId)
      world.count("another price");
    if (session.experimentId !== null) world.count("in a price test");
  }
}

export const pricing: Area = {
  name: "pricing",
  actions: [
    { name: "publish price", weight: 5, run: publish },
    { name: "withdraw price", weight: 1, run: withdraw },
    { name: "test price", weight: 2, run: test },
    {
      name: "use at a price",
      weight: 6,
      run: (world, dice) => visit(world, dice, dice.pick(world.people), dice.pick(priced(world))),
    },
  ],
  check: checkPrices,
};
