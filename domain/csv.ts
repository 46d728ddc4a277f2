// Rows as CSV text (RFC 4180) that spreadsheets open without surprises.

/**
 * A byte-order mark, a header, CRLF. A cell that a spreadsheet would run as a formula is led by an apostrophe (OWASP, "CSV
 * Injection"); numbers stay numbers.
 */
export function csvText(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const lines = [header, ...rows].map((row) => row.map(cell).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
