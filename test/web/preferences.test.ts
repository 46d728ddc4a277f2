import { describe, expect, it } from "vitest";
import { isApiPath } from "../../web/src/lib/api-paths.ts";
import { readPreferences } from "../../web/src/lib/preferences.ts";
import { de } from "../../web/src/lib/locales/de.ts";
import { deFront } from "../../web/src/lib/locales/de-front.ts";
import { en } from "../../web/src/lib/locales/en.ts";
import { enFront } from "../../web/src/lib/locales/en-front.ts";

describe("preferences", () => {
  it("takes what was chosen over what the browser asks for", () => {
    expect(readPreferences("language=en; theme=dark", ["de-DE"])).toMatchObject({ language: "en", theme: "dark" });
  });
  it("speaks the first accepted language it knows", () => {
    expect(readPreferences("", ["fr", " de-AT;q=0.8", "en"]).language).toBe("de");
    expect(readPreferences("", ["fr"]).language).toBe("en");
  });
  it("ignores values it does not know", () => {
    expect(readPreferences("language=xx; theme=pink; signed_in=yes", [])).toEqual({
      language: "en",
      theme: "system",
      signedInHint: false,
    });
  });
});

describe("what the API answers on our origin", () => {
  it.each([
    "/v1/providers",
    "/api/auth/login",
    "/.well-known/jwks.json",
    "/docs/openapi.yaml",
    "/sdk.js",
    "/sdk/v1/x.js",
  ])("forwards %s", (path) => expect(isApiPath(path)).toBe(true));
  it.each(["/", "/apps", "/docs", "/apidocs", "/v1x", "/wallet"])("keeps %s", (path) =>
    expect(isApiPath(path)).toBe(false),
  );
});

describe("languages", () => {
  it("say the same things: every list has as many entries", () => {
    expect(shape(de)).toEqual(shape(en));
    expect(shape(deFront)).toEqual(shape(enFront));
    expect(deFront.lines("80%", "20%")).toHaveLength(enFront.lines("80%", "20%").length);
  });
});

function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}
