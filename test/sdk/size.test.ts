// The promise to every page that loads us: at most 3 kB for the meter, 5 kB with the bar, gzipped; and nothing in it that a
// strict page would refuse.

import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { buildScript } from "../../sdk/build.ts";

const LIMITS = { "sdk-core.js": 3000, "sdk.js": 5000, "live.js": 700, "texts.js": 2000 } as const;

describe.each(Object.entries(LIMITS) as [keyof typeof LIMITS, number][])("%s", (name, limit) => {
  it(`is at most ${limit} bytes gzipped`, async () => {
    const text = await buildScript(name);
    const size = gzipSync(text, { level: 9 }).length;
    console.log(`${name}: ${text.length} bytes, ${size} gzipped (limit ${limit})`);
    expect(size).toBeLessThanOrEqual(limit);
  });

  it("uses no sink that Trusted Types or a strict policy refuses, no cookie and no lasting storage", async () => {
    const text = await buildScript(name);
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
    expect(text).not.toMatch(/document\.cookie|localStorage|indexedDB/);
    // Plain ASCII: right on pages of any encoding.
    // oxlint-disable-next-line no-control-regex
    expect(text).toMatch(/^[\x00-\x7f]*$/);
  });
});
