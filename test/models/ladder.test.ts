// Who answers when a model does not: the next one, then the embedded engine, and nobody is asked twice within a minute.

import { beforeEach, describe, expect, it } from "vitest";
import { ModelError, type LanguageModel, type ModelRequest } from "../../domain/gateways/language-model.ts";
import { workersAiModel } from "../../domain/gateways/workers-ai.ts";
import { Breaker, OPEN_MS } from "../../domain/models/breaker.ts";
import { ladder } from "../../domain/models/ladder.ts";
import { ScriptedAi, type Step } from "../support/scripted-ai.ts";

let now = 1_795_600_000_000;
let ai = new ScriptedAi();
let breaker = new Breaker();
beforeEach(() => {
  ai = new ScriptedAi();
  breaker = new Breaker();
});

const request: ModelRequest = {
  system: "",
  messages: [{ role: "user", content: "Hello" }],
  maxTokens: 50,
  signal: new AbortController().signal,
};
const of = (...names: string[]): LanguageModel =>
  ladder(
    names.map((name) => workersAiModel(ai, name)),
    breaker,
    () => now,
    () => undefined,
  );
async function hear(
  model: LanguageModel,
  ...steps: Step[]
): Promise<{ text: string; code: string | null; asked: string[] }> {
  const before = ai.calls.length;
  ai.next(...steps);
  let text = "";
  let code: string | null = null;
  try {
    for await (const part of model.stream(request)) if ("text" in part) text += part.text;
  } catch (error) {
    code = (error as ModelError).code;
  }
  return { text, code, asked: ai.calls.slice(before).map((call) => call.model) };
}

const CAPACITY = { error: "3040: out of capacity" };
const GONE = { error: "5007: No such model" };

describe("the ladder", () => {
  it("asks the next model when one fails before its first words, and says who answered", async () => {
    const model = of("a", "b", "c");
    expect(model.name).toBe("a");
    expect(await hear(model, CAPACITY, { text: "From b." })).toEqual({
      text: "From b.",
      code: null,
      asked: ["a", "b"],
    });
    expect(model.name).toBe("b");
  });

  it("gives up after two, so that nobody waits for a third", async () => {
    expect(await hear(of("a", "b", "c"), CAPACITY, { empty: true })).toEqual({
      text: "",
      code: "bad_answer",
      asked: ["a", "b"],
    });
  });

  it("passes models that are not there any more without counting them", async () => {
    expect(await hear(of("a", "b", "c", "d"), GONE, GONE, CAPACITY, { text: "From d." })).toMatchObject({
      text: "From d.",
      asked: ["a", "b", "c", "d"],
    });
  });

  it("never lets a second model finish a first one's sentence", async () => {
    const heard = await hear(of("a", "b"), { text: "Half of", ends: "cut" }, { text: "never" });
    expect(heard).toEqual({ text: "Half of", code: "truncated", asked: ["a"] });
  });

  it("asks nobody else when the account's day is used up: it is the same account", async () => {
    expect(await hear(of("a", "b"), { error: "3036: daily free allocation used" })).toEqual({
      text: "",
      code: "quota",
      asked: ["a"],
    });
  });

  it("asks nobody else, and blames nobody, when the reader is gone", async () => {
    const gone = new AbortController();
    gone.abort();
    ai.next({ text: "x" });
    const parts = of("a", "b").stream({ ...request, signal: gone.signal });
    await expect(parts[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(ModelError);
    expect(ai.calls).toHaveLength(1);
    expect(breaker.isClosed("a", now)).toBe(true);
  });

  it("answers JSON in the same way", async () => {
    ai.next({ text: "no JSON here" }, { json: { need: "x" } });
    expect(await of("a", "b").json(request)).toMatchObject({ value: { need: "x" } });
  });
});

describe("the circuit breaker", () => {
  it("leaves a model alone for a minute after two failures, then lets one call find out", async () => {
    const model = of("a", "b");
    await hear(model, CAPACITY, { text: "b" });
    expect((await hear(model, CAPACITY, { text: "b" })).asked).toEqual(["a", "b"]);
    expect((await hear(model, { text: "b" })).asked).toEqual(["b"]);
    now += OPEN_MS;
    expect((await hear(model, { text: "a" })).asked).toEqual(["a"]);
    expect((await hear(model, CAPACITY, { text: "b" })).asked).toEqual(["a", "b"]);
  });

  it("opens at once for a model that is not there", async () => {
    await hear(of("a", "b"), GONE, { text: "b" });
    expect((await hear(of("a", "b"), { text: "b" })).asked).toEqual(["b"]);
  });

  it("asks nobody at all while all are open, so that the embedded engine answers at once", async () => {
    await hear(of("a"), GONE);
    expect(await hear(of("a"))).toEqual({ text: "", code: "unavailable", asked: [] });
  });

  it("forgets a failure from the future, which a clock set back leaves", () => {
    breaker.failed("a", new ModelError("quota", false, ""), now + 1e9);
    expect(breaker.isClosed("a", now)).toBe(true);
  });
});
