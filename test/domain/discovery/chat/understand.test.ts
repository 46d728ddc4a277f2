// What the chat reads from people's own words, without any model: how often, how much, which wishes, which card, and the
// need that is left.

import { describe, expect, it } from "vitest";
import { NEW_MEMORY, type ChatMemory, type Slots } from "../../../../domain/discovery/chat/slots.ts";
import { understand } from "../../../../domain/discovery/chat/understand.ts";

const first = (message: string) => understand(message, NEW_MEMORY).slots;
const talking: ChatMemory = {
  ...NEW_MEMORY,
  slots: { ...NEW_MEMORY.slots, need: "plan meals" },
  shown: ["Pantry Chef", "Tutor Time", "Hush"].map((name, index) => ({ id: `id-${index}`, name })),
  focus: "id-0",
};

const hours = (min: number, max = min) => ({ times: null, minutes: { min: min * 60, max: max * 60 } });
const each = (times: number, minutes: number) => ({
  times: { min: times, max: times },
  minutes: { min: minutes, max: minutes },
});
const every = (unit: string, count = 1) => ({ every: { count, unit } });

describe("how often", () => {
  it.each([
    ["plan meals, 2 to 3 hours a week", { ...hours(2, 3), ...every("week") }],
    ["plan meals 2-3 h/week", { ...hours(2, 3), ...every("week") }],
    ["plan meals for about two hours every week", { ...hours(2), ...every("week") }],
    ["plan meals, a couple of hours a month", { ...hours(2), ...every("month") }],
    ["plan meals, a few hours per week", { ...hours(2, 4), ...every("week") }],
    ["plan meals, half an hour a day", { ...hours(0.5), ...every("day") }],
    ["plan meals an hour and a half every weekday", { ...hours(1.5), ...every("workday") }],
    ["plan meals, an hour every two weeks", { ...hours(1), ...every("week", 2) }],
    ["plan meals, one hour every other month", { ...hours(1), ...every("month", 2) }],
    ["plan meals, 90 minutes weekly", { ...hours(1.5), ...every("week") }],
    ["plan meals on weekends for an hour", { ...hours(1), ...every("week") }],
    ["plan meals twice a week for 30 minutes", { ...each(2, 30), ...every("week") }],
    ["plan meals three times a month, an hour each", { ...each(3, 60), ...every("month") }],
    ["plan meals, 45 minutes twice a week", { ...each(2, 45), ...every("week") }],
    ["plan meals once a week", { times: { min: 1, max: 1 }, minutes: null, ...every("week") }],
    ["plan meals 2 bis 3 Stunden pro Woche", { ...hours(2, 3), ...every("week") }],
    ["plan meals zweimal im Monat für eine Stunde", { ...each(2, 60), ...every("month") }],
  ])("%s", (message, use) => {
    expect(first(message)).toMatchObject({ need: "plan meals", use: { kind: "time", ...use } });
  });

  it.each([
    ["edit photos, 300 images a month", 300, "image", "month"],
    ["edit photos, about 1,200 pages per week", 1200, "page", "week"],
    ["edit photos, 10k rows a month", 10_000, "row", "month"],
    ["edit photos, a dozen letters a month", 12, "letter", "month"],
    ["edit photos, 10 minutes of video a week", 10, "video minute", "week"],
  ])("%s", (message, count, unit, per) => {
    expect(first(message).use).toEqual({ kind: "units", units: { min: count, max: count }, unit, ...every(per) });
  });

  it.each(["plan four days in Lisbon without a car", "explain photosynthesis to a twelve year old", "a 3 page letter"])(
    "is not read into a need: %s",
    (message) => {
      expect(first(message)).toMatchObject({ need: message, use: null, budget: null, without: [] });
    },
  );

  it("takes a bare answer as it was asked", () => {
    const asked: ChatMemory = { ...talking, pending: "use" };
    expect(understand("2 to 3 hours", asked).slots.use).toMatchObject({ ...hours(2, 3), ...every("week") });
    expect(understand("3", asked)).toMatchObject({ intent: { kind: "find" }, slots: { use: hours(3) } });
    expect(understand("100 images", asked).slots).toMatchObject({
      need: "plan meals",
      use: { kind: "units", unit: "image", ...every("month") },
    });
    expect(understand("compare 1 and 2", asked).slots.use).toBeNull();
    expect(understand("not sure", asked).slots).toMatchObject({ need: "plan meals", use: null });
  });
});

describe("how much", () => {
  it.each([
    ["plan meals under $20 a month", 2000, "month", false],
    ["plan meals, max 500 tokens a week", 500, "week", false],
    ["plan meals. My budget is 15 dollars", 1500, "month", true],
    ["plan meals for at most $0.50 an hour", 50, "hour", false],
    ["plan meals, 10-15 dollars monthly", 1500, "month", false],
    ["plan meals, up to 5 cents per page", 5, "unit", false],
    ["plan meals, no more than $3 per session", 300, "session", false],
    ["plan meals höchstens 20 Dollar im Monat", 2000, "month", false],
    ["plan meals for free", 0, "month", true],
  ])("%s", (message, tokens, per, isPeriodAssumed) => {
    expect(first(message)).toMatchObject({ need: "plan meals", budget: { tokens, per, isPeriodAssumed } });
  });

  it("does not guess what another currency is worth", () => {
    const understood = understand("plan meals under 20 euros a month", NEW_MEMORY);
    expect(understood).toMatchObject({ hasForeignCurrency: true, slots: { need: "plan meals", budget: null } });
  });

  it("takes a bare answer as it was asked, and is forgotten when it does not matter", () => {
    expect(understand("20", { ...talking, pending: "budget" }).slots.budget).toMatchObject({ tokens: 2000 });
    const budget: Slots["budget"] = { tokens: 2000, per: "month", isPeriodAssumed: false };
    const told = { ...talking, slots: { ...talking.slots, budget } };
    expect(understand("price doesn't matter", told).slots).toMatchObject({ need: "plan meals", budget: null });
  });
});

describe("wishes", () => {
  it.each<[string, Partial<Slots>]>([
    ["contract review available in Germany", { need: "contract review", region: "DE" }],
    ["quizzes rated at least 4 stars", { need: "quizzes", minRating: 4 }],
    ["debugging help paid by the hour", { need: "debugging help", pricedBy: "time" }],
    ["slides at a flat price", { need: "slides", pricedBy: "flat" }],
    ["sharpen photos without giving my e-mail address", { need: "sharpen photos", without: ["e-mail"] }],
  ])("%s", (message, slots) => {
    expect(first(message)).toMatchObject(slots);
  });
});

describe("what was shown", () => {
  it.each([
    ["cheaper", { kind: "cheaper" }],
    ["that's too expensive", { kind: "cheaper" }],
    ["the second one", { kind: "about", card: 2 }],
    ["2", { kind: "about", card: 2 }],
    ["how much does the last one cost?", { kind: "about", card: 3 }],
    ["tell me more about Tutor Time", { kind: "about", card: 2 }],
    ["compare 1 and 2", { kind: "compare", cards: [1, 2] }],
    ["compare the first and the third", { kind: "compare", cards: [1, 3] }],
    ["Pantry Chef vs Hush", { kind: "compare", cards: [1, 3] }],
    ["start it", { kind: "start", card: 1 }],
    ["start the second one", { kind: "start", card: 2 }],
    ["let's go with Hush", { kind: "start", card: 3 }],
    ["what else?", { kind: "more" }],
    ["thanks", { kind: "greet" }],
    ["günstiger", { kind: "cheaper" }],
    ["vergleiche 1 und 3", { kind: "compare", cards: [1, 3] }],
    ["starte die zweite", { kind: "start", card: 2 }],
  ])("%s", (message, intent) => {
    expect(understand(message, talking)).toMatchObject({ intent, slots: { need: "plan meals" } });
  });

  it("is forgotten when somebody starts over", () => {
    expect(understand("start over", talking)).toMatchObject({ intent: { kind: "restart" }, slots: { need: null } });
  });

  it.each(["start a podcast", "the second draft of my essay needs polish", "translate a letter"])(
    "is not meant by a new need: %s",
    (message) => {
      expect(understand(message, talking)).toMatchObject({ intent: { kind: "find" }, slots: { need: message } });
    },
  );

  it("adds to the need, rules out, and leaves how often with the need it was told for", () => {
    expect(understand("and it should write a shopping list", talking).slots.need).toBe(
      "plan meals, and it should write a shopping list",
    );
    expect(understand("without video", talking).slots).toMatchObject({ need: "plan meals", without: ["video"] });
    expect(understand("not Hush", talking).slots.without).toEqual(["hush"]);
    const use = first("plan meals, 2 hours a week").use;
    const told = { ...talking, slots: { ...talking.slots, use } };
    expect(understand("translate a letter", told).slots.use).toBeNull();
    expect(understand("under $5 a month", told).slots).toMatchObject({ need: "plan meals", use });
  });
});
