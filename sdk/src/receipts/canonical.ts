// Canonical JSON (RFC 8785) for documents of text, whole numbers, booleans and null: one value has one spelling, so that
// whoever works a receipt out again gets the same bytes.

/** @throws TypeError for what has no canonical form, such as `undefined` or a number that is not finite. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`no canonical form of a ${typeof value}`);
  // RFC 8785 section 3.2.3: by UTF-16 code units, which is how JavaScript compares text.
  const names = Object.keys(value).sort();
  const members = names.map(
    (name) => `${JSON.stringify(name)}:${canonicalJson((value as Record<string, unknown>)[name])}`,
  );
  return `{${members.join(",")}}`;
}
