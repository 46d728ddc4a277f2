// The page of an app: shows what the SDK says of the session, sends work to the app's own server, draws what comes back.

import type { MarketplaceGlobal, MarketplaceSession, SessionView } from "@meterplace/sdk/loader";
import type { WorkResult } from "../tools/tool.ts";
import type { WorkAnswer } from "../work.ts";

const TOKEN_DOLLARS = 0.01;
const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const byId = <Type extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as Type;
const app = byId("app");
const form = byId<HTMLFormElement>("tool");
const text = byId<HTMLTextAreaElement>("text");
const result = byId("result");

const tokens = (amount: number): string =>
  `${amount.toLocaleString("en-US")} tokens (${money.format(amount * TOKEN_DOLLARS)})`;
const minutes = (seconds: number): string => `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;

const STATUS_NOTE: Record<string, string> = {
  active: "Running. What you do not use comes back.",
  paused: "Paused. You are not being charged.",
};

function showSession(state: SessionView): void {
  byId("session-facts").hidden = false;
  byId("fact-duration").textContent = `${state.durationSeconds / 60} min`;
  byId("fact-allocated").textContent = tokens(state.tokensAllocated);
  byId("fact-left").textContent = minutes(state.remainingSeconds);
  byId("fact-spent").textContent = tokens(state.tokensConsumed);
  byId("session-id").textContent = `Session ${state.id}`;
  const note = STATUS_NOTE[state.status] ?? "Ended. What you did not use has come back.";
  // A status that is set again is spoken again.
  if (byId("session-note").textContent !== note) byId("session-note").textContent = note;
}

function enableTool(isEnabled: boolean): void {
  for (const button of form.querySelectorAll("button")) button.disabled = !isEnabled;
}

/** The last click that got no answer, to be repeated under its own id. */
let unanswered: { key: string; workId: string } | null = null;

async function work(session: MarketplaceSession, action: string): Promise<void> {
  const count = new FormData(form).get("count");
  const key = JSON.stringify([action, text.value, count]);
  const workId = unanswered?.key === key ? unanswered.workId : crypto.randomUUID();
  unanswered = { key, workId };
  byId("work-note").textContent = "Working";
  enableTool(false);
  try {
    const answer = await session.fetch(`/apps/${app.dataset.slug}/work`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ action, text: text.value, count: Number(count ?? 1), workId }),
    });
    const body = (await answer.json()) as WorkAnswer;
    unanswered = null;
    byId("work-note").textContent = noteOf(body);
    if (body.result) draw(body.result);
    // Show what the work cost at once, not at the next beat.
    if (body.report) await session.refresh();
  } catch {
    byId("work-note").textContent = "No answer from the app. Try again; the same work is not charged twice.";
  } finally {
    enableTool(session.state !== null && session.state.endedAt === null);
  }
}

function noteOf({ error, report }: WorkAnswer): string {
  if (error) return error === "SESSION_EXPIRED" ? "The session is over." : error;
  if (!report) return "Done. Only your time is counted.";
  return `Done. Reported ${report.units} to the meter "${report.meter}": ${report.status}.`;
}

function add<Tag extends keyof HTMLElementTagNameMap>(
  parent: Node,
  tag: Tag,
  content = "",
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = content;
  return parent.appendChild(made);
}

function draw(work: WorkResult): void {
  result.replaceChildren();
  switch (work.kind) {
    case "text":
      add(result, "pre", work.text);
      break;
    case "table":
      drawTable(work.head, work.rows);
      break;
    case "scenes":
      for (const { title, shot, drawing } of work.scenes) {
        const figure = add(result, "figure");
        const image = add(figure, "img");
        image.src = `data:image/svg+xml,${encodeURIComponent(drawing)}`;
        image.alt = `Sketch: ${title}`;
        add(figure, "figcaption", `${shot}: ${title}`);
      }
  }
  result.focus();
}

function drawTable(head: string[], rows: string[][]): void {
  const scroll = add(result, "div");
  scroll.className = "scroll";
  const table = add(scroll, "table");
  const line = add(add(table, "thead"), "tr");
  for (const cell of head) add(line, "th", cell);
  const body = add(table, "tbody");
  for (const row of rows) {
    const tr = add(body, "tr");
    for (const cell of row) add(tr, "td", cell);
  }
}

function countWords(): void {
  const words = text.value.match(/\S+/g)?.length ?? 0;
  byId("text-count").textContent = `${words} words, ${text.value.length} characters`;
}
text.addEventListener("input", countWords);
countWords();

const place = window as unknown as { MarketplaceSDK?: Pick<MarketplaceGlobal, "q"> };
const sdk = (place.MarketplaceSDK ??= { q: [] as unknown as MarketplaceGlobal["q"] });
sdk.q.push((loaded) => {
  const session = loaded.create({
    providerId: app.dataset.providerId!,
    onReady: () => enableTool(true),
    onTick: showSession,
    onEnded: (state) => {
      showSession(state);
      enableTool(false);
    },
    onNosession: () => {
      byId("session-note").textContent = "No session.";
      byId("no-session").hidden = false;
    },
    onError: (error) => {
      if (session?.state) return;
      byId("session-note").textContent = `The session could not be opened (${error.code ?? "no answer"}).`;
      byId("no-session").hidden = false;
    },
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter as HTMLButtonElement | null;
    if (session.state) void work(session, button?.value ?? "work");
  });
});
