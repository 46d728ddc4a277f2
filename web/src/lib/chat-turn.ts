// What a turn of the discovery chat looks like, folded from its events: the same for one that is being told, one that was
// cut off and goes on, and one that is drawn again after a reload.

import type { PriceComponent } from "$pricing/components.ts";
import type { ReceivedEvent } from "./event-stream.ts";

export interface ChatCard {
  number: number;
  id: string;
  name: string;
  description: string;
  category: string;
  logoUrl: string;
  status: string;
  rating: number | null;
  tokenRatePerHour: number | null;
  pricing: PriceComponent[];
  nearest: string | null;
  estimate: {
    basis: "use" | "most";
    lowTokens: number;
    highTokens: number;
    leftOut: { meter: string; unitTokens: string }[];
  } | null;
  mostAnHour: { tokens: number };
  budget: "inside" | "maybe" | "over" | null;
  path: string;
}
export interface Chip {
  id: string;
  text: string;
}
export interface Citation {
  card: string;
  start: number;
  end: number;
  path: string;
}
export interface Question {
  slot: string;
  text: string;
  choices: string[];
}

export interface TurnView {
  message: string;
  /** By number, from 1; a replay overwrites what was heard before. */
  events: ReceivedEvent[];
  conversationId: string | null;
  turn: number | null;
  engine: string | null;
  model: string | null;
  chips: Chip[] | null;
  cards: ChatCard[];
  kind: "list" | "near" | "chosen" | "start";
  confidence: "good" | "weak" | "none" | null;
  prose: string;
  citations: Citation[];
  question: Question | null;
  /** `stopped` is the reader's own doing, `lost` the network's. */
  state: "waiting" | "told" | "stopped" | "lost" | "failed";
  failure: { code: string; message: string; retryable: boolean } | null;
}

export const newTurn = (message: string): TurnView => ({
  message,
  events: [],
  conversationId: null,
  turn: null,
  engine: null,
  model: null,
  chips: null,
  cards: [],
  kind: "list",
  confidence: null,
  prose: "",
  citations: [],
  question: null,
  state: "waiting",
  failure: null,
});

/** The turn with one more event. An event that was heard before changes nothing. */
export function hear(turn: TurnView, event: ReceivedEvent): TurnView {
  const place = placeOf(event.id);
  const known = turn.events.at(-1);
  if (known && place && place.turn === placeOf(known.id)?.turn) {
    if (place.number <= turn.events.length && event.event !== "error") return turn;
  } else if (known) {
    // The turn was never stored and is told anew, under another name.
    return hear(newTurn(turn.message), event);
  }
  return { ...shown(turn, event), events: [...turn.events, event] };
}

/** What a reload shows of a turn that was told. */
export const retold = (message: string, events: ReceivedEvent[]): TurnView => {
  const turn = events.reduce(hear, newTurn(message));
  return turn.state === "waiting" ? { ...turn, state: "stopped" } : turn;
};

export const lastEventId = (turn: TurnView): string | null => turn.events.at(-1)?.id ?? null;

function shown(turn: TurnView, { event, data }: ReceivedEvent): TurnView {
  const it = data as Record<string, never>;
  switch (event) {
    case "meta":
      return {
        ...turn,
        conversationId: it.conversationId!,
        turn: it.turn!,
        engine: it.engine!,
        model: it.model ?? null,
      };
    case "slots":
      return { ...turn, chips: it.chips! };
    case "cards":
      return { ...turn, cards: it.cards!, kind: it.kind!, confidence: it.confidence! };
    case "delta":
      return { ...turn, prose: turn.prose + (it.text! as string) };
    case "citation":
      return { ...turn, citations: [...turn.citations, data as Citation] };
    case "question":
      return { ...turn, question: data as Question };
    case "done":
      return { ...turn, state: "told" };
    case "error":
      return { ...turn, state: "failed", failure: data as NonNullable<TurnView["failure"]> };
    default:
      return turn;
  }
}

/** Conversation and turn, and the event's number in it. */
function placeOf(id: string): { turn: string; number: number } | null {
  const at = id.lastIndexOf(".");
  const number = Number(id.slice(at + 1));
  return at > 0 && Number.isInteger(number) ? { turn: id.slice(0, at), number } : null;
}

export type ProsePiece = { text: string; path: string | null };

/** The prose in pieces, links where it names a card. */
export function proseOf({ prose, citations }: Pick<TurnView, "prose" | "citations">): ProsePiece[] {
  const pieces: ProsePiece[] = [];
  let from = 0;
  for (const { start, end, path } of citations) {
    if (start < from || end > prose.length) continue;
    if (start > from) pieces.push({ text: prose.slice(from, start), path: null });
    pieces.push({ text: prose.slice(start, end), path });
    from = end;
  }
  if (from < prose.length) pieces.push({ text: prose.slice(from), path: null });
  return pieces;
}
