// The session bar: the meter window in the corner of the app's page. It lives in a shadow root, is built with DOM calls
// and a constructed style sheet (works under a strict CSP with Trusted Types), and only shows and asks.

import type { MarketplaceSession, SessionOptions } from "../browser/options.ts";
import { DEFAULT_API_ORIGIN } from "../protocol/origins.ts";
import css from "./bar.css";
import { textsFor } from "./texts.ts";

const EXTENSION_SECONDS = 15 * 60;
/** Spoken once more when this little is left. */
const LAST_MINUTE_SECONDS = 60;
/** List price of a token. */
const TOKEN_DOLLARS = 0.01;

/** A plug-in for `createSession`; `ui: false` leaves it out. */
export function sessionBar(
  session: MarketplaceSession,
  { ui, locale, api = DEFAULT_API_ORIGIN }: SessionOptions,
): void {
  if (ui === false) return;
  const { language, texts } = textsFor(api, locale);
  const say = (text: string, tokens: number) =>
    text
      .replace("{amount}", texts.amount)
      .replace("{tokens}", tokens.toLocaleString(language))
      .replace("{money}", (tokens * TOKEN_DOLLARS).toLocaleString(language, { style: "currency", currency: "USD" }));

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  function add<Tag extends "section" | "b" | "span" | "button" | "p">(tag: Tag, part: string, parent: Node = bar) {
    const made = document.createElement(tag);
    made.setAttribute("part", part);
    return parent.appendChild(made);
  }
  function addButton(part: string, press: () => void) {
    const made = add("button", "button " + part);
    made.type = "button";
    made.onclick = press;
    return made;
  }
  const bar = add("section", "bar", root);
  const time = add("b", "time");
  time.role = "timer";
  time.ariaLive = "off";
  const note = add("span", "note");
  const cost = add("span", "cost");
  const extend = addButton("extend", () => session.extend());
  const pause = addButton("pause", () => void (isPaused() ? session.resume() : session.pause()));
  const end = addButton("end", () => void session.end());
  const details = addButton("details", () => fold(!("folded" in bar.dataset)));
  const spoken = add("p", "spoken");
  spoken.role = "status";

  const isPaused = () => session.state!.status === "paused";

  function fold(folded: boolean) {
    bar.toggleAttribute("data-folded", folded);
    details.ariaExpanded = String(!folded);
  }

  function show(state: "running" | "warning" | "paused" | "offline" | "ended", text: string) {
    note.textContent = text;
    if (bar.dataset.state === state) return;
    bar.dataset.state = state;
    spoken.textContent = time.textContent + " " + text;
    // What costs money next must be seen.
    if (state === "warning") fold(false);
    // Once: to append it again would take the focus away.
    if (!host.isConnected) document.body.appendChild(host);
  }

  function draw() {
    const { endedAt, offline, warning, remainingSeconds, tokensConsumed, tokensAllocated, durationSeconds } =
      session.state!;
    const seconds = Math.ceil(remainingSeconds);
    // "42:10", "01:02:10"
    time.textContent = new Date(seconds * 1_000).toISOString().slice(seconds < 3_600 ? 14 : 11, 19);
    cost.textContent = say(texts.amount, tokensConsumed);
    bar.ariaLabel = texts.name;
    end.textContent = texts.end;
    details.textContent = texts.details;
    extend.textContent = say(texts.extend, Math.ceil((tokensAllocated * EXTENSION_SECONDS) / durationSeconds));
    pause.textContent = isPaused() ? texts.resume : texts.pause;
    end.title = say(texts.rest, tokensAllocated - tokensConsumed);
    const state = endedAt ? "ended" : offline ? "offline" : isPaused() ? "paused" : warning ? "warning" : "running";
    show(state, say(texts[state], tokensConsumed));
    if (seconds === LAST_MINUTE_SECONDS) spoken.textContent = time.textContent + " " + note.textContent;
  }

  fold(false);
  session.on("tick", draw);
  session.on("ended", draw);
  // A refused launch: there is no session to show, but the person must learn why.
  session.on("error", ({ code }) => session.state ?? show("ended", texts.refused + code));
}
