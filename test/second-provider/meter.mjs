// The page's half: beats every 30 s for as long as the page is open, shows the time left, and leaves when it is over.

const BEAT_MS = 30_000;
const FINAL = ["completed", "failed", "expired"];

/** The part without a page, so that it can be tried under any clock. */
export function meter({ api, token, fetch = globalThis.fetch, now = Date.now }) {
  let actedAt = now();
  let beatenAt = -Infinity;
  return {
    acted: () => void (actedAt = now()),
    /** @returns The session, or null when it is over for this page. */
    async beat() {
      const isActive = actedAt > beatenAt;
      const at = now();
      const reply = await fetch(`${api}/v1/provider/sessions/sync`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({
          action: "heartbeat",
          ...(isActive && { active: true, actedSecondsAgo: Math.max(0, (at - actedAt) / 1000) }),
        }),
      });
      if (reply.status === 401) return null;
      if (!reply.ok) throw new Error(`the marketplace answered ${reply.status}`);
      beatenAt = at;
      const { session } = await reply.json();
      return FINAL.includes(session.status) ? null : session;
    },
  };
}

async function run() {
  const pass = await fetch("/pass");
  if (!pass.ok) return location.assign("/");
  const { token, api, back } = await pass.json();
  const own = meter({ api, token });
  for (const kind of ["click", "keypress", "mousemove", "scroll", "touchstart"])
    addEventListener(kind, own.acted, { passive: true });

  let endsAt = null;
  let lastBeatAt = 0;
  async function beat() {
    lastBeatAt = performance.now();
    const session = await own.beat().catch(() => undefined);
    if (session === null) location.assign(back);
    else if (session) endsAt = session.status === "active" ? performance.now() + session.remainingSeconds * 1000 : null;
  }
  await beat();
  setInterval(() => {
    const left = endsAt === null ? null : Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    document.getElementById("left").textContent = left === null ? "paused" : `${left} s`;
    if (left === 0 || performance.now() - lastBeatAt >= BEAT_MS) void beat();
  }, 1000);

  let orders = 0;
  document.getElementById("order").addEventListener("submit", async (event) => {
    event.preventDefault();
    const theme = new FormData(event.target).get("theme");
    const order = `${crypto.randomUUID()}-${++orders}`;
    const reply = await fetch("/poem", { method: "POST", body: JSON.stringify({ theme, order }) });
    const { poem, error } = await reply.json();
    document.getElementById("poem").textContent = poem ?? error;
  });
}

if (typeof document !== "undefined") void run();
