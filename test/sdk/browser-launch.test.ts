// Reading a launch in the page: which app, which way back. The rest of the page's half is shown in a real browser
// (test/flows/sdk-*.flow.ts).

import { expect, it } from "vitest";
import { readLaunch } from "../../sdk/src/browser/launch.ts";
import type { SdkError } from "../../sdk/src/browser/options.ts";

const MARKET = "https://market.example";
const token = (claims: Record<string, unknown>) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
const CLAIMS = { session_id: "s-1", provider_id: "app-1", duration_limit: 3600 };

function read(returnUrl: string | null, state: string | null = "opaque", marketplace = MARKET) {
  const warnings: SdkError[] = [];
  const kept = readLaunch(token(CLAIMS), [token(CLAIMS), returnUrl, state], "app-1", marketplace, (error) =>
    warnings.push(error),
  );
  return { kept, warnings: warnings.map(({ code }) => code) };
}

it("goes back where the marketplace said, with the session and the state", () => {
  expect(read(`${MARKET}/session/complete?lang=de`)).toEqual({
    kept: {
      sessionId: "s-1",
      launch: token(CLAIMS),
      nonce: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      back: `${MARKET}/session/complete?lang=de&session_id=s-1&state=opaque`,
    },
    warnings: [],
  });
});

it.each([
  "https://evil.example/session/complete",
  "https://market.example.evil.example/session/complete",
  "https://market.example@evil.example/",
  "https://market.example:444/",
  "http://market.example/",
  "https://market.example",
  "//market.example/",
  "/session/complete",
  "javascript:alert(1)//https://market.example/",
  "data:text/html,x",
  "https:\\\\market.example\\",
  " https://market.example/",
])("uses its own page of the marketplace instead of %j, and says so", (returnUrl) => {
  const { kept, warnings } = read(returnUrl);
  expect(kept.back).toBe(`${MARKET}/session/complete?session_id=s-1&state=opaque`);
  expect(warnings).toEqual(["return_url_refused"]);
});

it("never leaves the marketplace's origin, however the path is written", () => {
  for (const path of [
    "/\\evil.example",
    "//evil.example",
    "/%2f%2fevil.example",
    "/..//evil.example",
    "/@evil.example",
  ])
    expect(new URL(read(MARKET + path).kept.back).origin).toBe(MARKET);
});

it("needs neither a return address nor a state", () => {
  expect(read(null, null)).toMatchObject({ kept: { back: `${MARKET}/session/complete?session_id=s-1` }, warnings: [] });
});

it("tells a session token, which needs no redeeming, from a launch token", () => {
  const session = token({ session_id: "s-1", provider_id: "app-1" });
  expect(readLaunch(session, null, "app-1", MARKET, () => undefined)).toMatchObject({ token: session });
});

it.each([
  ["another app's", token({ ...CLAIMS, provider_id: "app-2" }), "provider_mismatch"],
  ["no token", "nonsense", "launch_token_invalid"],
  ["no JSON", "x.bm9uc2Vuc2U.x", "launch_token_invalid"],
])("refuses %s", (_name, bad, code) => {
  expect(() => readLaunch(bad, null, "app-1", MARKET, () => undefined)).toThrow(code);
});
