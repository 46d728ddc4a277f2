// Budgets of language models against the real D1, and the local binding over real RPC: what a call reserves, what it costs, and
// that a day's budget is never overdrawn.

import { env } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import type { LanguageModel, ModelRequest } from "../../../domain/gateways/language-model.ts";
import { workersAiModel } from "../../../domain/gateways/workers-ai.ts";
import { allowancesOf, BudgetUsedUp, withinBudget } from "../../../domain/models/budget.ts";
import { purgeModelUse, selectUse } from "../../../domain/models/budget-store.ts";
import { milliNeuronsOf } from "../../../domain/models/catalogue.ts";
import { forgetSettings } from "../../../domain/settings/read-settings.ts";
import { languageModelFor } from "../../../workers/language-model.ts";
import { answerLocally } from "../../../workers/local-ai.ts";
import { embedPhrases, reranker } from "../../../workers/remote-vectors.ts";
import { send } from "../../support/apps.ts";
import { newPerson } from "../../support/people.ts";
import { ScriptedAi, type Step } from "../../support/scripted-ai.ts";

const GLM = "@cf/zai-org/glm-4.7-flash";
const DAY_MS = 86_400_000;
/** A day of its own for each test. */
let now = Date.UTC(2026, 10, 1, 12);
afterEach(() => {
  now += DAY_MS;
  answerLocally(null);
});

const request: ModelRequest = {
  system: "Be brief.",
  messages: [{ role: "user", content: "Hello there" }],
  maxTokens: 1_000,
  signal: new AbortController().signal,
};
const usage = { prompt_tokens: 1_000, completion_tokens: 100 };
const COST = milliNeuronsOf(GLM, { inputTokens: 1_000, outputTokens: 100 });

const budgeted = (
  ai: ScriptedAi,
  asker: string,
  settings = { modelNeuronsPerDay: 1_000, modelNeuronsPerPersonPerDay: 500 },
) => withinBudget(workersAiModel(ai, GLM), env.DB, allowancesOf(settings, asker), now);
async function hear(model: LanguageModel, pieces = Infinity): Promise<string> {
  let text = "";
  let heard = 0;
  for await (const part of model.stream(request)) {
    if ("text" in part) text += part.text;
    if (++heard === pieces) break;
  }
  return text;
}
const used = async (who: string): Promise<number> =>
  (await env.DB.prepare("SELECT milli_neurons FROM model_use WHERE who = ? AND day = ?")
    .bind(who, new Date(now).toISOString().slice(0, 10))
    .first<number>("milli_neurons")) ?? 0;

describe("a budget", () => {
  it("is charged what a call used, for the person and for everybody", async () => {
    expect(await hear(budgeted(new ScriptedAi().next({ text: "Hi.", usage }), "user:1"))).toBe("Hi.");
    await budgeted(new ScriptedAi().next({ json: {}, usage }), "user:2").json(request);
    expect(COST).toBe(9_140);
    expect([await used("user:1"), await used("user:2"), await used("everyone")]).toEqual([COST, COST, 2 * COST]);
    expect((await selectUse(env.DB, 1))[0]).toMatchObject({ milliNeurons: 2 * COST, calls: 2, askers: 2 });
  });

  it("costs nothing when the model was out of reach, and all it could when it worked in vain", async () => {
    const fails = (step: Step) =>
      budgeted(new ScriptedAi().next(step), "user:3")
        .json(request)
        .catch(() => undefined);
    await fails({ error: "3040: out of capacity" });
    expect(await used("user:3")).toBe(0);
    await fails({ text: "no JSON" });
    expect(await used("user:3")).toBeGreaterThan(36_000);
  });

  it("counts what was said until the reader left", async () => {
    await hear(budgeted(new ScriptedAi().next({ text: "word ".repeat(300), usage }), "user:4"), 3);
    const spent = await used("user:4");
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThan(2_000);
  });

  it("is never overdrawn by calls at once: each reserves the most it can cost", async () => {
    const ai = new ScriptedAi();
    ai.otherwise = { text: "Hi.", usage };
    // One call reserves about 37 neurons, so ten of them do not fit into 100.
    const settings = { modelNeuronsPerDay: 100, modelNeuronsPerPersonPerDay: 100 };
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => hear(budgeted(ai, `user:9${i}`, settings))),
    );
    expect(ai.calls.length).toBe(2);
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
    expect(refused).toHaveLength(8);
    expect(refused.every((error) => error instanceof BudgetUsedUp)).toBe(true);
    expect(await used("everyone")).toBe(2 * COST);
  });

  it("leaves half of the day to people who are signed in, however many visitors there are", async () => {
    const ai = new ScriptedAi();
    ai.otherwise = { text: "Hi.", usage };
    const settings = { modelNeuronsPerDay: 100, modelNeuronsPerPersonPerDay: 100 };
    expect(await hear(budgeted(ai, "visitor:1", settings))).toBe("Hi.");
    expect(await hear(budgeted(ai, "visitor:2", settings))).toBe("Hi.");
    await expect(hear(budgeted(ai, "visitor:3", settings))).rejects.toBeInstanceOf(BudgetUsedUp);
    expect(await hear(budgeted(ai, "user:5", settings))).toBe("Hi.");
  });

  it("forgets what a person used with their account", async () => {
    const { userId } = await newPerson();
    await hear(budgeted(new ScriptedAi().next({ text: "Hi.", usage }), `user:${userId}`));
    expect(await used(`user:${userId}`)).toBe(COST);
    await env.DB.prepare("DELETE FROM users WHERE id = ?").bind(userId).run();
    expect(await used(`user:${userId}`)).toBe(0);
  });

  it("forgets who asked after two days and keeps the sums", async () => {
    await hear(budgeted(new ScriptedAi().next({ text: "Hi.", usage }), "user:6"));
    await purgeModelUse(env.DB, now + 3 * DAY_MS).run();
    expect([await used("user:6"), await used("everyone")]).toEqual([0, COST]);
  });
});

describe("the local binding", () => {
  const withModels = { ...env, AI_MODELS: "model-one, model-two" };

  it("has no model by itself, so that the embedded engine answers", async () => {
    expect(await languageModelFor(env, "user:7", now)).toBeNull();
    const model = await languageModelFor({ ...env, AI_MODELS: "model-zero" }, "user:7", now);
    await expect(model!.json(request)).rejects.toMatchObject({ code: "unavailable", retryable: false });
  });

  it("is called over RPC like the platform's, and streams cross it in pieces", async () => {
    const ai = new ScriptedAi().next({ text: "Grüße über RPC.", usage });
    answerLocally(ai.run);
    const model = await languageModelFor(withModels, "user:8", now);
    expect(await hear(model!)).toBe("Grüße über RPC.");
    expect(ai.calls.map((call) => call.model)).toEqual(["model-one"]);
    expect(model!.name).toBe("model-one");
    expect(await used("user:8")).toBe(milliNeuronsOf("model-one", { inputTokens: 1_000, outputTokens: 100 }));
  });

  it("sends every call through the AI Gateway that is set, and through none where none is", async () => {
    /** The options of each call: a sentence, JSON, vectors, an order. */
    const optionsOf = async (settings: { AI_GATEWAY_ID?: string }) => {
      const vectors: Step = { vectors: () => [1, 0, 0, 0] };
      const ai = new ScriptedAi().next({ text: "Hi.", usage }, { json: {}, usage }, vectors, { ranking: [] });
      answerLocally(ai.run);
      const through = { ...env, AI_MODELS: GLM, ...settings };
      const model = await languageModelFor(through, "user:10", now);
      await hear(model!);
      await model!.json(request);
      await embedPhrases(through, "@cf/baai/bge-m3", ["draw a map"], now);
      await (await reranker(through, now))!("a map", ["draws maps"]);
      return ai.calls.map(({ options }) => options);
    };
    await env.DB.prepare(
      "INSERT INTO settings (key, value, updated_at, updated_by) VALUES ('rerankSearches', 'true', 1, 'test')",
    ).run();
    forgetSettings();
    // The platform's own type says what the option is called; a day is as long as a text keeps its vector at the gateway.
    const gateway: AiOptions = { gateway: { id: "our-gateway" } };
    const keptForADay: AiOptions = { gateway: { id: "our-gateway", cacheTtl: 86_400 } };
    expect(await optionsOf({ AI_GATEWAY_ID: "our-gateway" })).toEqual([gateway, gateway, keptForADay, gateway]);
    expect(await optionsOf({})).toEqual([undefined, undefined, undefined, undefined]);
    // As an unset variable may come.
    expect(await optionsOf({ AI_GATEWAY_ID: "" })).toEqual([undefined, undefined, undefined, undefined]);
  });
});

it("is shown to operators: which models are asked, and what was used on each day", async () => {
  await hear(budgeted(new ScriptedAi().next({ text: "Hi.", usage }), "user:9"));
  const operator = await newPerson({ role: "operator" });
  const answer = await send("GET", "/v1/operator/models", { headers: operator.headers });
  expect(await answer.json()).toMatchObject({
    engine: "embedded",
    models: [],
    embeddingModel: null,
    neuronsPerDay: 9_000,
    days: expect.arrayContaining([
      { day: new Date(now).toISOString().slice(0, 10), neurons: COST / 1_000, calls: 1, askers: 1 },
    ]),
  });
  const person = await newPerson();
  expect((await send("GET", "/v1/operator/models", { headers: person.headers })).status).toBe(403);
});
