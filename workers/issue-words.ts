// What a schema says of a field, in our words: what it must be. The words of the schema library are for programmers who use it.

const WORDS: [pattern: RegExp, words: string][] = [
  [/^Invalid input: expected .+, received undefined$/, "is required"],
  [/^Invalid input: expected (.+), received (.+)$/, "must be of type $1, not $2"],
  [/^Too small: expected string to have >=1 characters$/, "must not be empty"],
  [/^Too small: expected string to have >=(\d+) characters$/, "must have at least $1 characters"],
  [/^Too big: expected string to have <=(\d+) characters$/, "must have at most $1 characters"],
  [/^Too small: expected array to have >=(\d+) items$/, "must have at least $1 of them"],
  [/^Too big: expected array to have <=(\d+) items$/, "must have at most $1 of them"],
  [/^Too small: expected \w+ to be >=(.+)$/, "must be at least $1"],
  [/^Too small: expected \w+ to be >(.+)$/, "must be more than $1"],
  [/^Too big: expected \w+ to be <=(.+)$/, "must be at most $1"],
  [/^Too big: expected \w+ to be <(.+)$/, "must be less than $1"],
  [/^Invalid input$/, "has none of the forms this takes; the reference at /docs shows them"],
];

export function inWords(message: string): string {
  if (message.startsWith("Invalid option: expected one of "))
    return `must be one of ${message.slice("Invalid option: expected one of ".length).replaceAll("|", ", ")}`;
  const known = WORDS.find(([pattern]) => pattern.test(message));
  return known ? message.replace(...known) : message;
}
