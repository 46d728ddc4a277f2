// What a plan includes, against a slow reference that keeps nothing but lists: random histories of starts, extensions, ends,
// disputed slices, new terms and money given back, on the real migrations. After every step the wallet, the terms and the
// sessions are what the reference says, and the books hold.

import { describe, expect, it } from "vitest";
import { createWalletStatement, findDiscrepancies, issueStatement } from "../../domain/ledger/store.ts";
import { coverOf } from "../../domain/sessions/bill.ts";
import { closingsPart, creationsPart, insertExtension, readExtensible } from "../../domain/sessions/store.ts";
import { closeStatement } from "../../domain/slices/store.ts";
import { d1, Database } from "./database.ts";
import { Dice } from "./dice.ts";
import { Faults } from "./faults.ts";

const BEGIN = Date.UTC(2030, 0, 7);
const DAY = 24 * 60 * 60 * 1000;
const FEE = 2_000;
const HISTORIES = 60;
const STEPS = 30;

const RENEWAL_MS = 2 * 60 * 60 * 1000;

/** One promise to a session out of one term: so many tokens, of which so many were used in the end. */
interface Promised {
  term: Term;
  tokens: number;
}
interface Term {
  id: string;
  granted: number;
  used: number;
  from: number;
  until: number;
  isGone: boolean;
}
interface Session {
  id: string;
  held: number;
  promised: Promised[];
  duration: number;
  state: "open" | "disputed" | "over";
  used: number;
  disputed: number;
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

/** The slow reference: every figure is added up anew from the lists. */
class Reference {
  bought: number;
  spent = 0;
  earned = 0;
  terms: Term[] = [];
  sessions: Session[] = [];
  constructor(bought: number) {
    this.bought = bought;
  }
  /** Of a session, what its promises still keep: all while it is open, what is disputed afterwards. */
  kept(session: Session, term?: Term): number {
    const one = session.promised.filter((it) => !term || it.term === term);
    if (session.state === "open") return sum(one.map(({ tokens }) => tokens));
    if (session.state === "over") return 0;
    // In the order they were made: first what was used, then what is disputed.
    let at = 0;
    return sum(
      session.promised.map((it) => {
        const [first, last] = [at, (at += it.tokens)];
        const overlap = Math.min(last, session.used + session.disputed) - Math.max(first, session.used);
        return !term || it.term === term ? Math.max(0, overlap) : 0;
      }),
    );
  }
  left(term: Term): number {
    return term.granted - term.used - sum(this.sessions.map((session) => this.kept(session, term)));
  }
  /** The last month there is waits two hours for the next one. */
  runs(term: Term, now: number): boolean {
    const until = term.until + (term === this.terms.at(-1) ? RENEWAL_MS : 0);
    return !term.isGone && term.from <= now && now < until;
  }
  promise(tokens: number, now: number): Promised[] {
    const term = this.terms.find((it) => this.runs(it, now) && this.left(it) > 0);
    const covered = term ? Math.min(tokens, this.left(term)) : 0;
    return term && covered > 0 ? [{ term, tokens: covered }] : [];
  }
  reserved = (session: Session): number => sum(session.promised.map(({ tokens }) => tokens));
  held(session: Session): number {
    if (session.state === "open") return session.held - this.reserved(session);
    return session.state === "disputed" ? session.disputed - this.kept(session) : 0;
  }
  get available(): number {
    return this.bought - this.spent - sum(this.sessions.map((session) => this.held(session)));
  }
  /** So many more of what was held are used up: what is promised first. @returns what is charged. */
  use(session: Session, from: number, to: number): number {
    let at = 0;
    let included = 0;
    for (const it of session.promised) {
      const [first, last] = [at, (at += it.tokens)];
      const here = Math.max(0, Math.min(last, to) - Math.max(first, from));
      it.term.used += here;
      included += here;
    }
    this.spent += to - from - included;
    return to - from - included;
  }
}

describe("what a plan includes", () => {
  it(
    `is what a slow reference says, in ${HISTORIES} random histories, and the books hold`,
    { timeout: 120_000 },
    async () => {
      const database = new Database([]);
      let covered = 0;
      for (let seed = 1; seed <= HISTORIES; seed++) {
        const dice = new Dice(seed);
        database.begin(dice);
        covered += await history(database, dice, seed);
        database.forget();
      }
      // A history in which nothing is included would prove nothing.
      expect(covered).toBeGreaterThan(1_000);
    },
  );
});

async function history(database: Database, dice: Dice, seed: number): Promise<number> {
  const DB = d1(database, new Faults(), 1);
  let now = BEGIN;
  let last = 0;
  const id = (kind: string): string => `${kind}-${seed}-${String(++last).padStart(4, "0")}`;
  const bought = dice.pick([0, 0, 50, 300]);
  const expected = new Reference(bought);
  await DB.batch([
    createWalletStatement(DB, "wallet", now),
    ...(bought > 0
      ? [
          issueStatement(DB, {
            id: "promo:x",
            lotId: "lot",
            walletId: "wallet",
            kind: "promo",
            tokens: bought,
            paidCents: 0,
            at: now,
          }),
        ]
      : []),
    DB.prepare(
      `INSERT INTO providers (id, owner_user_id, name, description, category, app_url, app_origin, logo_url, status, review,
         price_version_id, created_at, updated_at)
       VALUES ('app', 'owner', 'App', 'Works.', 'writing', 'https://a.example.com', 'https://a.example.com', '', 'active',
         'approved', 'price', 0, 0)`,
    ),
    DB.prepare(
      `INSERT INTO price_versions (id, provider_id, components, fee_basis_points, created_at, effective_at)
       VALUES ('price', 'app', '[]', ${FEE}, 0, 0)`,
    ),
    DB.prepare(
      `INSERT INTO plans (id, provider_id, name, month_cents, included_tokens, fee_basis_points, created_at)
       VALUES ('plan', 'app', 'Monthly', 500, 100, ${FEE}, 0)`,
    ),
    DB.prepare(
      `INSERT INTO subscriptions (id, user_id, wallet_id, provider_id, plan_id, payable, status, created_at, changed_at, next_check_at)
       VALUES ('sub', 'person', 'wallet', 'app', 'plan', 1, 'active', 0, 0, 0)`,
    ),
  ]);

  const pickOf = (state: Session["state"]): Session | null => {
    const those = expected.sessions.filter((session) => session.state === state);
    return those.length > 0 ? dice.pick(those) : null;
  };
  const steps: Record<string, () => Promise<void>> = {
    async term() {
      const term = { id: id("in"), granted: dice.between(1, 200), used: 0, from: now, until: now + DAY, isGone: false };
      if (expected.terms.some(({ until }) => until > now)) return;
      expected.terms.push(term);
      await DB.prepare(
        `INSERT INTO plan_payments (id, subscription_id, paid_cents, granted_tokens, term_from, term_until, at)
         VALUES (?, 'sub', 500, ?, ?, ?, ?)`,
      )
        .bind(term.id, term.granted, term.from, term.until, now)
        .run();
    },
    async revoke() {
      const term = expected.terms.at(-1);
      if (!term || dice.chance(0.5)) return;
      term.isGone = !term.isGone;
      await DB.prepare("UPDATE plan_payments SET revoked_at = ? WHERE id = ?")
        .bind(term.isGone ? now : null, term.id)
        .run();
    },
    async start() {
      const held = dice.between(1, 150);
      const promised = expected.promise(held, now);
      // Two starts at once, in one statement as the ledger's writer groups them.
      const sessions = [held, ...(dice.chance(0.3) ? [dice.between(1, 150)] : [])];
      const operations = sessions.map((heldTokens) => ({ ...creation(id("ses"), heldTokens, now) }));
      if (dice.chance(0.2))
        Object.assign(operations[0]!.session, {
          promisedTokens: sum(promised.map(({ tokens }) => tokens)) + dice.below(2),
        });
      const part = creationsPart(DB, operations);
      const answers = part.answers(await DB.batch(part.statements));
      for (const [index, { session }] of operations.entries()) {
        const mine = expected.promise(session.heldTokens, now);
        const fresh: Session = {
          id: session.id,
          held: session.heldTokens,
          promised: mine,
          duration: 3_600,
          state: "open",
          used: 0,
          disputed: 0,
        };
        const covers = expected.reserved(fresh);
        const fits =
          session.heldTokens - covers <= expected.available && (session.promisedTokens ?? 0) <= leftNow(expected, now);
        expect(answers[index], `session ${session.id}`).toBe(fits);
        if (!fits) continue;
        expected.sessions.push(fresh);
        await DB.prepare("UPDATE sessions SET status = 'active', started_at = created_at WHERE id = ?")
          .bind(session.id)
          .run();
      }
    },
    async extend() {
      const session = pickOf("open");
      if (!session) return;
      const tokens = dice.between(0, 80);
      const before = (await readExtensible(DB, session.id, now))!;
      const mine = expected.promise(tokens, now);
      const covers = sum(mine.map((it) => it.tokens));
      expect(Math.min(tokens, before.planTokens)).toBe(covers);
      const done = await insertExtension(DB, {
        id: id("ext"),
        sessionId: session.id,
        seconds: 300,
        baseSeconds: session.duration,
        tokens,
        includedTokens: covers,
        caps: {},
        automatic: false,
        now,
        idempotency: null,
        events: [],
      });
      expect(done).toBe(tokens - covers <= expected.available);
      if (!done) return;
      session.held += tokens;
      session.duration += 300;
      session.promised.push(...mine);
    },
    async end() {
      const session = pickOf("open");
      if (!session) return;
      const used = dice.chance(0.15) ? 0 : dice.below(session.held + 1);
      const disputed = dice.chance(0.4) ? dice.below(session.held - used + 1) : 0;
      const row = { reservedTokens: expected.reserved(session), feeBasisPoints: FEE };
      const cover = coverOf(row, { usedTokens: used, feeTokens: Math.floor((used * FEE) / 10_000) }, disputed);
      const part = closingsPart(DB, [
        {
          sessionId: session.id,
          status: "completed",
          endReason: "user_ended",
          endedAt: now,
          activeSeconds: 60,
          reports: 0,
          durationSeconds: session.duration,
          usedTokens: used,
          includedTokens: cover.includedTokens,
          feeTokens: cover.feeTokens,
          lines: [],
          intervals: [],
          comparisons: [],
          slice:
            disputed > 0 ? { tokens: disputed, reservedTokens: cover.sliceTokens, meters: [], dueAt: now + DAY } : null,
          now,
          events: [],
        },
      ]);
      const [closed] = part.answers(await DB.batch(part.statements));
      expect(closed!.closed).toBe(true);
      const charged = expected.use(session, 0, used);
      expect(charged).toBe(used - cover.includedTokens);
      expected.earned += charged - Math.floor((charged * FEE) / 10_000);
      Object.assign(session, { state: disputed > 0 ? "disputed" : "over", used, disputed });
    },
    async decide() {
      const session = pickOf("disputed");
      if (!session) return;
      const more = dice.below(session.disputed + 1);
      const before = session.used - Math.min(session.used, expected.reserved(session));
      const charged = expected.use(session, session.used, session.used + more);
      const fee = Math.floor(((before + charged) * FEE) / 10_000) - Math.floor((before * FEE) / 10_000);
      const charge = { tokens: more, feeTokens: fee, lines: null };
      await closeStatement(
        DB,
        { sessionId: session.id, outcome: "decided", charge, by: "operator", reason: "x" },
        now,
      ).run();
      expected.earned += charged - fee;
      Object.assign(session, { state: "over", used: session.used + more, disputed: 0 });
    },
    async wait() {
      now += dice.pick([60_000, DAY / 24, DAY / 3, DAY]);
    },
  };

  await steps.term!();
  for (let step = 0; step < STEPS; step++) {
    await steps[dice.pick(["start", "start", "extend", "extend", "end", "end", "decide", "term", "wait", "revoke"])]!();
    const found = {
      available: database.read<{ n: number }>("SELECT available AS n FROM wallets WHERE id = 'wallet'")[0]!.n,
      held: database.read<{ n: number }>("SELECT held AS n FROM wallets WHERE id = 'wallet'")[0]!.n,
      terms: database.read<{ id: string; left: number; used: number }>(
        "SELECT id, granted_tokens - used_tokens - reserved_tokens AS left, used_tokens AS used FROM plan_payments ORDER BY id",
      ),
      earned: database.read<{ n: number | null }>("SELECT sum(share_tokens) AS n FROM settlements")[0]!.n ?? 0,
    };
    expect(found, `history ${seed}, step ${step}`).toEqual({
      available: expected.available,
      held: sum(expected.sessions.map((session) => expected.held(session))),
      terms: expected.terms.map((term) => ({ id: term.id, left: expected.left(term), used: term.used })),
      earned: expected.earned,
    });
  }
  expect(await findDiscrepancies(DB), `history ${seed}`).toEqual([]);
  return sum(expected.terms.map(({ used }) => used));
}

const leftNow = (expected: Reference, now: number): number => {
  const term = expected.terms.find((it) => expected.runs(it, now) && expected.left(it) > 0);
  return term ? expected.left(term) : 0;
};

const creation = (id: string, heldTokens: number, now: number) => ({
  session: {
    id,
    mode: "live" as const,
    userId: "person",
    walletId: "wallet",
    subject: "subject",
    providerId: "app",
    providerName: "App",
    appUrl: "https://a.example.com",
    priceVersionId: "price",
    components: [],
    feeBasisPoints: FEE,
    payable: true,
    status: "pending" as const,
    durationSeconds: 3_600,
    autoExtendSeconds: 0,
    heldTokens,
    promisedTokens: null as number | null,
    tags: [],
    state: "",
    jti: id,
    launchDeadline: now,
    createdAt: now,
  },
  caps: {},
  idempotency: null,
  events: [],
});
