// Draws the PNG icons of the manifest from the mark, and with `npm start` running (WEB_ORIGIN) its two screenshots. Run when
// they have changed: `WEB_ORIGIN=http://localhost:5173 node web/scripts/draw-icons.ts`; the pictures are committed, so that
// a build needs no browser.

import { readFile } from "node:fs/promises";
import { chromium } from "@playwright/test";

const ICONS = new URL("../static/icons/", import.meta.url);
const SCREENSHOTS = new URL("../static/screenshots/", import.meta.url);
const PAPER = "#faf8f3";
const SIGNAL = "#fcca00";

/** `scale`: the mark's share of the width. A maskable icon keeps its drawing inside the inner 80 % circle. */
const PICTURES = [
  { file: "icon-192.png", size: 192, scale: 0.86, background: PAPER },
  { file: "icon-512.png", size: 512, scale: 0.86, background: PAPER },
  { file: "maskable-512.png", size: 512, scale: 0.62, background: SIGNAL },
];

const SCREENS = [
  { file: "screen-wide.png", width: 1280, height: 800, path: "/apps" },
  { file: "screen-narrow.png", width: 390, height: 844, path: "/apps" },
];

const mark = await readFile(new URL("mark.svg", ICONS), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
for (const { file, size, scale, background } of PICTURES) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>body{margin:0;height:100vh;display:grid;place-items:center;background:${background}}svg{width:${scale * 100}vw}</style>${mark}`,
  );
  await page.screenshot({ path: new URL(file, ICONS).pathname });
}
if (process.env.WEB_ORIGIN)
  for (const { file, width, height, path } of SCREENS) {
    await page.setViewportSize({ width, height });
    await page.goto(`${process.env.WEB_ORIGIN}${path}`, { waitUntil: "networkidle" });
    await page.screenshot({ path: new URL(file, SCREENSHOTS).pathname });
  }
await browser.close();
