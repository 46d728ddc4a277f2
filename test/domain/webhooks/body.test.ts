import { expect, it } from "vitest";
import { BODY_MAX_BYTES, eventBody } from "../../../domain/webhooks/body.ts";

const at = Date.UTC(2026, 10, 22, 12);
const event = (data: Record<string, unknown>, sequence: number | null = 3) => ({
  id: "0191",
  type: "tokens.consumed",
  at,
  sequence,
  data: JSON.stringify(data),
});
const bytes = (text: string) => new TextEncoder().encode(text).length;

it("carries id, type, timestamp and data, with the sequence of its session", () => {
  expect(JSON.parse(eventBody(event({ sessionId: "s", tokens: 5 })))).toEqual({
    id: "0191",
    type: "tokens.consumed",
    timestamp: "2026-11-22T12:00:00.000Z",
    data: { sessionId: "s", tokens: 5, sequence: 3 },
  });
});

it("has no sequence where there is no session", () => {
  expect(JSON.parse(eventBody(event({ status: "active" }, null))).data).toEqual({ status: "active" });
});

it("is the same text every time, so that a retry carries the body of the first attempt", () => {
  expect(eventBody(event({ b: 1, a: [1, 2] }))).toBe(eventBody(event({ b: 1, a: [1, 2] })));
});

it("stays under 20 KB: lists that do not fit are left out whole and named", () => {
  const records = Array.from({ length: 100 }, (_, index) => ({
    idempotencyKey: `${index}-${"k".repeat(240)}`,
    units: 1,
  }));
  const body = eventBody(event({ sessionId: "s", providerId: "p", records }));
  expect(bytes(body)).toBeLessThan(20 * 1024);
  expect(JSON.parse(body).data).toEqual({ sessionId: "s", providerId: "p", sequence: 3, truncated: ["records"] });
});

it("counts bytes, not characters, and leaves alone what just fits", () => {
  const base = bytes(eventBody(event({ note: "" })));
  const fits = eventBody(event({ note: "世".repeat(Math.floor((BODY_MAX_BYTES - base) / 3)) }));
  expect(bytes(fits)).toBeLessThanOrEqual(BODY_MAX_BYTES);
  expect(JSON.parse(fits).data.truncated).toBeUndefined();
  const over = eventBody(event({ note: "世".repeat(Math.floor((BODY_MAX_BYTES - base) / 3) + 1) }));
  expect(JSON.parse(over).data.truncated).toEqual(["note"]);
});

it("is never a reason to stop: a row that cannot be read is sent without its data", () => {
  for (const data of ["{", "[1]", "null", '"text"'])
    expect(JSON.parse(eventBody({ ...event({}), data }))).toMatchObject({ id: "0191", data: { sequence: 3 } });
});
