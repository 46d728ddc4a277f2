// German needs in English words.

import { describe, expect, it } from "vitest";
import { englishOf } from "../../../domain/discovery/german.ts";

const ENGLISH = new Set("brief die man find contract tax website review nobody finds my".split(" "));
const english = (need: string) => englishOf(need, (word) => ENGLISH.has(word));

describe("a German need", () => {
  it("is put into English words, inflected and put-together ones too", () => {
    expect(english("Rechnungen schreiben")).toBe("invoice write");
    expect(english("Mietvertrag prüfen lassen")).toBe("lease agreement check");
    expect(english("Steuerberatungskosten")).toBeNull();
    expect(english("Familienfotos von 1950 verbessern")).toBe("family photo of 1950 improve");
    expect(english("Reiseversicherungsvergleich")).toBe("trip insurance comparison");
  });

  it("may be typed without umlauts, and keeps the words the table lacks", () => {
    expect(english("Geraeusche entfernen")).toBe("noise remove");
    expect(english("Gerausche entfernen")).toBe("noise remove");
    expect(english("Logo für Zanzibar")).toBe("logo for Zanzibar");
  });

  it("leaves English alone, its German-looking words included", () => {
    for (const need of ["nobody finds my website", "brief", "die", "contract review", "tax", "podcast planner", ""])
      expect(english(need)).toBeNull();
  });

  it("takes no time over nonsense", () => {
    const started = performance.now();
    englishOf("arbeit".repeat(300), () => false);
    englishOf(`${"steuerland".repeat(4)} `.repeat(10), () => false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
