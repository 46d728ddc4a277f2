// The page's half: beats every 30 s for as long as the page is open, says how many labels it saw, shows the time left, and
// leaves when it is over.

const BEAT_MS = 30_000;
const FINAL = ["completed", "failed", "expired"];

/** The part without a page, so that it can be tried under any clock. */
export function meter({ api, token, fetch = globalThis.fetch, now = Date.now, seen: before = 0 }) {
  let seen = before;
  let actedAt = now();
  let beatenAt = -Infinity;
  const sync = (body) =>
    fetch(`${api}/v1/provider/sessions/sync`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, observed: { label: seen } }),
    });
  return {
    acted: () => void (actedAt = now()),
    saw: (labels) => void (seen += labels),
    /** @returns The session, or null when it is over for this page. */
    async beat() {
      const isActive = actedAt > beatenAt;
      const at = now();
      const reply = await sync({
        action: "heartbeat",
        ...(isActive && { active: true, actedSecondsAgo: Math.max(0, (at - actedAt) / 1000) }),
      });
      if (reply.status === 401) return null;
      if (!reply.ok) throw new Error(`the marketplace answered ${reply.status}`);
      beatenAt = at;
      const { session } = await reply.json();
      return FINAL.includes(session.status) ? null : session;
    },
    end: async () => void (await sync({ action: "complete" })),
  };
}

async function run() {
  const pass = await fetch("/pass");
  if (!pass.ok) return location.assign("/");
  const { token, api, back } = await pass.json();
  // Kept over a reload, which would count from nothing, and less than the server reported. `back` names the session.
  let seen = Number(sessionStorage.getItem(back) ?? 0);
  const own = meter({ api, token, seen });
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
  const timer = setInterval(() => {
    const left = endsAt === null ? null : Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    show("left", left === null ? "paused" : `${left} s`);
    if (left === 0 || performance.now() - lastBeatAt >= BEAT_MS) void beat();
  }, 1000);

  document.getElementById("order").addEventListener("submit", async (event) => {
    event.preventDefault();
    const texts = new FormData(event.target).get("texts").split(/\r?\n/).filter(Boolean);
    const order = crypto.randomUUID();
    const reply = await fetch("/labels", { method: "POST", body: JSON.stringify({ order, texts }) });
    const { labels = [], error } = await reply.json();
    const printed = labels.filter(({ svg }) => svg);
    own.saw(printed.length);
    sessionStorage.setItem(back, String((seen += printed.length)));
    show("said", error ?? `${printed.length} of ${labels.length} printed`);
    for (const { svg, text } of printed) {
      const picture = new Image();
      picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      picture.alt = text;
      document.getElementById("labels").append(picture);
    }
  });
  document.getElementById("leave").addEventListener("submit", async (event) => {
    event.preventDefault();
    clearInterval(timer);
    // The person's own word first, so that the receipt says who ended it; then the server says that nothing more comes.
    await own.end().catch(() => {});
    event.target.submit();
  });
}

const show = (id, text) => (document.getElementById(id).textContent = text);

if (typeof document !== "undefined") void run();
