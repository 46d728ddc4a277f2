// The embedded engine's sentences in the language asked for.

import type { ChatLanguage, ChatWords } from "./chat-words.ts";
import { wordsDe } from "./words-de.ts";
import { wordsEn } from "./words-en.ts";

export const wordsOf = (language: ChatLanguage): ChatWords => (language === "de" ? wordsDe : wordsEn);
