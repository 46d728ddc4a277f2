// Text of people that others are shown, and that models may read: nothing in it may be invisible, turn the direction of what
// stands around it, or bury a line under marks. What copying and pasting leaves is taken away; the rest is refused.

/** Invisible leftovers of other programs: soft hyphen, zero-width space and joiners of nothing, byte order mark. */
const LEFTOVERS = /[\u00AD\u180E\u200B\u2060-\u2064\uFEFF]/gu;
/** A joiner shapes what stands before it in some scripts, and joins emoji; anywhere else it only hides. */
const JOINER = /[\u200C\u200D]/gu;
const IS_JOINED =
  /(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]\u200D$)|(?:[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}][\u200C\u200D]$)/u;
/** Controls, marks of direction, tag characters and selectors that carry hidden text, private use, halves of characters. */
const REFUSED =
  /[\p{Cc}\p{Co}\p{Cs}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u206F\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}]/u;
const MARKS_MAX = 4;
const PILE = new RegExp(String.raw`\p{M}{${MARKS_MAX + 1},}`, "u");

/** What is kept of a text. Applied to its own result it changes nothing. */
export const cleanText = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(LEFTOVERS, "")
    .replaceAll(JOINER, (joiner, at: number, whole: string) =>
      IS_JOINED.test(`${whole.slice(Math.max(0, at - 2), at)}${joiner}`) ? joiner : "",
    )
    .normalize("NFC");

/** One line of it: a name, a tag. */
export const cleanLine = (text: string): string => cleanText(text).replaceAll(/\s+/g, " ");

/** Why a text cannot be shown; null where it can. Completes "<field> ...". */
export function whyNotShown(text: string): string | null {
  if (REFUSED.test(text.replaceAll(/[\n\t]/g, "")))
    return "has characters that cannot be seen or that change the direction of text; type it without them";
  return PILE.test(text) ? `has more than ${MARKS_MAX} marks on one letter; type it without them` : null;
}
