import { expect, it } from "vitest";
import { BoundedMap } from "../../domain/bounded-map.ts";

it("lets the entry that was used least recently go when it is full", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.get("a");
  map.set("c", 3);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([1, undefined, 3]);
});

it("never holds more than it may, and replaces without dropping another", () => {
  const map = new BoundedMap<number, number>(10);
  for (let i = 0; i < 1000; i++) map.set(i % 15, i);
  expect(map.size).toBe(10);
  const small = new BoundedMap<string, number>(2);
  small.set("a", 1);
  small.set("b", 1);
  small.set("b", 2);
  expect([small.get("a"), small.get("b")]).toEqual([1, 2]);
  small.delete("a");
  expect(small.size).toBe(1);
});
