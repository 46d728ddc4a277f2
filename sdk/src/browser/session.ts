// The page's half of a metered session. The server keeps the time; this tells it that someone is there and what they
// did, and shows what it answers. Nothing here can make a session cheaper or dearer than the server's own clock says.

import { BEAT_SECONDS, IDLE_SECONDS, warningSeconds, type SessionState, type SyncAction } from "../protocol/session.ts";
import { DEFAULT_API_ORIGIN, DEFAULT_WEB_ORIGIN } from "../protocol/origins.ts";
import type { LiveSocket } from "./socket.ts";
import { readLaunch, takeLaunch, type Kept, type Launch } from "./launch.ts";

import { postSync } from "./sync.ts";
import { joinTabs } from "./tabs.ts";
import type { MarketplaceSession, SdkError, SessionEvents, SessionOptions, SessionView } from "./options.ts";

const ACTIVITY_EVENTS = "click mousemove keypress scroll touchstart";
const BEAT_MS = BEAT_SECONDS * 1_000;
/** Time to read that it is over before the page leaves. */
const FAREWELL_MS = 2_000;
/** How long a tab without a session waits for another tab to share one. */
const ASK_MS = 500;

const now = () => performance.now();

/**
 * Pick up the session this page was opened for, and keep it alive until it ends. Call it as early as you can: it takes
 * the launch token out of the address bar first.
 */
export function createSession(options: SessionOptions): MarketplaceSession {
  const { providerId, api = DEFAULT_API_ORIGIN, marketplace = DEFAULT_WEB_ORIGIN, observed } = options;
  const storageKey = "marketplace_session:" + providerId;
  let handlers: [name: string, handler: (fact: never) => void][] = [];

  let kept: Kept | undefined;
  let session: SessionState | undefined;
  /** When `session` was heard; all display runs from here on the monotonic clock. */
  let heardAt = 0;
  let actedAt = now();
  /** Until a request was answered; the socket takes a deed as often as it is told. */
  let hasActed = false;
  let toldAt = -BEAT_MS;
  let isLeader: boolean | undefined;
  let isOver: boolean | undefined;
  /** Requests without an answer, one after the other; none when we are online. */
  let failures = 0;
  let beatAt = 0;
  let beatAtWall = 0;
  /** What the page wants next; a plain beat otherwise. Stays until it is answered, so it outlives a dead network. */
  let wanted: SyncAction | undefined;
  let shownStatus: string | undefined;
  let hasWarned: boolean | undefined;
  let socket: LiveSocket | undefined;

  /** Without a fact of its own an event carries the session as it is now. Handlers run later, so that the app's own
   * mistakes cannot stop the meter, and what fails at once is heard after `create` has returned. */
  function emit<Name extends keyof SessionEvents>(name: Name, fact: SessionEvents[Name] | SessionView | null = view()) {
    for (const [wanted, handler] of handlers) if (wanted === name) queueMicrotask(() => handler(fact as never));
  }
  function off(name: string, handler: (fact: never) => void) {
    handlers = handlers.filter(([wanted, known]) => wanted !== name || known !== handler);
  }
  function on(name: string, handler: (fact: never) => void) {
    handlers = [...handlers, [name, handler]];
    return () => off(name, handler);
  }

  function view(): SessionView | null {
    if (!session) return null;
    const isRunning = session.status === "active";
    // Shown as the server will count it: time stops two minutes (or what the person chose) after the last sign of life.
    const idleAt = actedAt + (session.idleSeconds ?? IDLE_SECONDS) * 1_000;
    const ranMs = isRunning ? Math.max(0, Math.min(now(), idleAt) - heardAt) : 0;
    const remainingSeconds = Math.max(0, session.remainingSeconds - ranMs / 1_000);
    return {
      ...session,
      ...(isRunning && now() >= idleAt && { status: "paused", pauseCause: "idle" }),
      remainingSeconds,
      warning: session.warning || remainingSeconds <= warningSeconds(session.durationSeconds),
      offline: failures > 0,
    };
  }

  function beatIn(ms: number) {
    beatAt = now() + ms;
    // The monotonic clock stands still while a laptop sleeps; this one shows on waking that a beat is due.
    beatAtWall = Date.now() + ms;
  }

  /** The network is back, the socket gone, or the person at an idle page again. */
  function beatSoon() {
    if (beatAt < Infinity) beatIn(0);
    tick();
  }

  function hear(next: SessionState) {
    // Answers can overtake each other; the server's clock says which is newer.
    if (isOver || next.serverTime < (session?.serverTime ?? "")) return;
    const isFirst = !session;
    session = next;
    heardAt = now();
    beatIn(BEAT_MS);
    if (isFirst) emit("ready");
    if (next.endedAt) finish(next.endReason === "user_ended");
    else tick();
  }

  /** The tab that beats hears for all. */
  function share(next: SessionState) {
    hear(next);
    if (!isOver) tabs.tell("SESSION_UPDATE", { session, kept });
  }

  /** What the person did since the last beat, and when: idle is counted from there, to the second. */
  const deeds = () => ({
    active: hasActed,
    actedSecondsAgo: (now() - actedAt) / 1_000,
    observed,
  });

  async function sync() {
    const { launch, token, nonce } = kept!;
    const action = launch ? "start" : (wanted ?? "heartbeat");
    const facts = deeds();
    hasActed = false;
    beatIn(Infinity);
    try {
      const answer = await postSync(api, launch || token!, action, launch ? { nonce } : facts);
      if (isOver) return;
      if (failures) {
        failures = 0;
        emit("online");
      }
      if (action === wanted) wanted = undefined;
      if (answer.balance != null) {
        emit("balance", answer.balance);
        tabs.tell("TOKEN_BALANCE_UPDATE", { balance: answer.balance });
      }
      if (launch) {
        keep({ ...kept!, launch: "", token: answer.sessionToken });
        lead();
      }
      share(answer.session);
      if (wanted) beatIn(0);
    } catch (cause) {
      if (isOver) return;
      const error = cause as SdkError;
      const { status = 500 } = error;
      if (status >= 500 || status === 429) {
        hasActed ||= facts.active;
        beatIn(Math.min(1_000 * 2 ** failures, BEAT_MS));
        if (!failures++) emit("offline");
        return;
      }
      // The ordinary end, told to a beat that came after it.
      if (error.session) return hear(error.session);
      wanted = undefined;
      beatIn(BEAT_MS);
      emit("error", error);
      if (launch) {
        kept = undefined;
        delete sessionStorage[storageKey];
      } else if (status === 401 || error.code === "session_closed") finish();
    }
  }

  function tick() {
    if (isOver) return;
    const state = view();
    if (kept && (isLeader || kept.launch) && beatAt < Infinity) {
      const isUp = state?.status === "active" && !state.remainingSeconds;
      if (isUp || now() >= beatAt || Date.now() >= beatAtWall) {
        // The end is asked for in full, as is whatever more than a beat is due: not every answer of the socket is a state.
        if (isUp || wanted || failures || !socket?.beat(deeds())) void sync();
        else beatIn(BEAT_MS);
      }
    }
    if (!state) return;
    if (shownStatus && shownStatus !== state.status) emit(state.status === "paused" ? "paused" : "resumed");
    shownStatus = state.status;
    if (state.warning && !hasWarned) emit("warning");
    hasWarned = state.warning;
    emit("tick");
  }

  /** Something was done in this tab (an event) or in another one (`true`). */
  function act(source: Event | true) {
    if (isOver) return;
    const wasIdle = view()?.pauseCause === "idle";
    actedAt = now();
    hasActed = true;
    if (source !== true && actedAt - toldAt >= BEAT_MS) {
      toldAt = actedAt;
      tabs.tell("SESSION_UPDATE", { active: true });
    }
    if (wasIdle && !failures) beatSoon();
  }

  function lead() {
    tabs.lead(kept!.sessionId, () => {
      isLeader = true;
      // Where the page's policy or its network lets no socket through, beats stay requests.
      if (options.transport !== "http")
        import(/* webpackIgnore: true */ /* @vite-ignore */ api + "/sdk/v1/live.js").then(
          ({ openSocket }: typeof import("./socket.ts")) =>
            isOver || (socket = openSocket(api, kept!, share, beatSoon)),
          () => {},
        );
      tick();
    });
  }

  function command(action: SyncAction): Promise<void> {
    wanted = action;
    return kept?.token && !isOver ? sync() : Promise.resolve();
  }

  function finish(isByUser?: boolean) {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    socket?.close();
    tabs.tell(isByUser ? "LOGOUT" : "SESSION_EXPIRED", { session });
    tabs.leave();
    // The brief's rule: nothing of an ended session stays in this tab.
    sessionStorage.clear();
    // Where the last word is missing, the end is all that is known.
    if (session) {
      if (!session.endedAt) Object.assign(session, { status: "completed", endedAt: session.serverTime });
      emit("ended");
    }
    if (options.redirect !== false) setTimeout(() => (location.href = kept!.back), isByUser ? 0 : FAREWELL_MS);
  }

  const tabs = joinTabs(providerId, (type, fact) => {
    if (isOver || (fact.kept && kept && fact.kept.sessionId !== kept.sessionId)) return;
    if (type === "TOKEN_BALANCE_UPDATE") emit("balance", fact.balance!);
    else if (type === "SESSION_UPDATE") {
      if (fact.kept && !kept) adopt(fact.kept);
      if (fact.session) hear(fact.session);
      if (fact.active) act(true);
      // The state as of this moment: the other tab counts from when it hears it.
      if (fact.ask && isLeader && session)
        tabs.tell(type, { kept, session: { ...session, remainingSeconds: view()!.remainingSeconds } });
    } else if (kept) {
      // A `LOGOUT` of the app's own code must end the session, not only leave it.
      if (type === "LOGOUT" && !fact.providerId && isLeader) void command("complete");
      else {
        session = fact.session ?? session;
        finish(type === "LOGOUT");
      }
    }
  });

  function keep(next: Kept) {
    kept = next;
    sessionStorage[storageKey] = JSON.stringify(kept);
  }

  function adopt(next: Kept) {
    keep(next);
    if (!next.launch) lead();
    tick();
  }

  const handle: MarketplaceSession = {
    get state() {
      return view();
    },
    on,
    off,
    pause: () => command("pause"),
    resume: () => command("resume"),
    end: () => command("complete"),
    refresh: () => command("heartbeat"),
    extend() {
      location.href = `${marketplace}/sessions/${kept?.sessionId}?extend=1&return=${encodeURIComponent(location.href)}`;
    },
    async fetch(input, init) {
      const response = await fetch(input, init);
      if (response.status === 401 && kept && (await response.clone().text()).includes("SESSION_EXPIRED")) finish();
      return response;
    },
  };

  /** From the app's own server, which may have redeemed what still stands in the address, or from there. */
  async function pickUp(launch: Launch | null) {
    try {
      const token = (await options.onFetchConnectionToken?.()) || launch?.[0];
      if (token) adopt(readLaunch(token, launch, providerId, marketplace, (error) => emit("error", error)));
      else setTimeout(() => kept ?? emit("nosession"), ASK_MS);
    } catch (error) {
      emit("error", error as SdkError);
    }
  }

  const launch = takeLaunch();
  for (const [name, handler] of Object.entries(options))
    if (name.startsWith("on")) on(name.slice(2).toLowerCase(), handler);
  options.plugins?.forEach((plugin) => plugin(handle, options));
  // Nothing is cancelled, and on a window browsers take listeners of touch as passive anyway.
  ACTIVITY_EVENTS.split(" ").forEach((type) => addEventListener(type, act, true));
  addEventListener("online", beatSoon);
  addEventListener("pagehide", () => {
    if (isLeader && !isOver) postSync(api, kept!.token!, "heartbeat", deeds(), true).catch(() => {});
  });
  const timer = setInterval(tick, 1_000);

  const stored = sessionStorage[storageKey];
  if (stored && !launch) adopt(JSON.parse(stored));
  else void pickUp(launch);
  if (!launch) tabs.tell("SESSION_UPDATE", { ask: true });
  return handle;
}
