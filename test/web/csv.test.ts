import { expect, it } from "vitest";
import { toCsv } from "../../web/src/lib/csv.ts";

const lines = (text: string) => text.replace("\ufeff", "").split("\r\n");

it("writes a header and one line a row", () => {
  expect(lines(toCsv(["type", "amount", "session"], [["hold", -500, null]]))).toEqual([
    "type,amount,session",
    "hold,-500,",
    "",
  ]);
});
it("quotes what holds a comma, a quote or a line break", () => {
  expect(lines(toCsv(["app"], [['Cut, Print & "Go"'], ["two\nlines"]]))).toContain('"Cut, Print & ""Go"""');
  expect(toCsv(["app"], [["two\nlines"]])).toContain('"two\nlines"');
});
it("never lets an app's name run as a formula", () => {
  for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"]) expect(toCsv(["app"], [[name]])).toContain(`'${name}`);
});
it("starts with a byte-order mark, so that spreadsheets read it as UTF-8", () => {
  expect(toCsv(["a"], []).charCodeAt(0)).toBe(0xfeff);
});
