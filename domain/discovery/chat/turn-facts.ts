// What a turn of the conversation has found, before anybody puts it into words.

import type { ChatCard } from "./cards.ts";
import type { ChatLanguage } from "./chat-words.ts";
import type { Found } from "./find.ts";
import type { Intent } from "./read-intent.ts";
import type { Slots } from "./slots.ts";

/** What the answer is about: all there is to say, in rows and figures. */
export interface TurnFacts {
  language: ChatLanguage;
  message: string;
  intent: Intent;
  slots: Slots;
  /** Cards shown with this turn, best first; a comparison or a start shows only the ones meant. */
  cards: ChatCard[];
  confidence: Found["confidence"];
  corrections: Found["corrections"];
  readAs: Found["readAs"];
  categories: string[];
  ruledOut: number;
  hasForeignCurrency: boolean;
  /** For "cheaper": the card it was measured by; its name, because it need not be shown. */
  cheaperThan: string | null;
  /** What is asked after this answer, so that the prose need not ask. */
  question: string | null;
}
