// Watches whether what can be pressed stays where it is: a button that something late pushes away is pressed by mistake.

import type { Page } from "@playwright/test";

/** Looks at every frame for whatever can be pressed and stands elsewhere in the page than a frame before. */
const WATCH = `(() => {
  const known = new Map();
  const moved = (window.movedControls = []);
  const look = () => {
    for (const control of document.querySelectorAll("main :is(button, a[href], input, select, summary)")) {
      const box = control.getBoundingClientRect();
      if (box.width === 0 || control.disabled) known.delete(control);
      else {
        const [x, y] = [box.x + scrollX, box.y + scrollY].map(Math.round);
        const was = known.get(control);
        if (was && (Math.abs(was.x - x) > 1 || Math.abs(was.y - y) > 1))
          moved.push([control.innerText || control.name || control.id, was.x, was.y, "->", x, y].join(" "));
        known.set(control, { x, y });
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;

/** Before the page is opened. */
export async function watchControls(page: Page): Promise<void> {
  await page.addInitScript(WATCH);
}
export const movedControls = (page: Page): Promise<string[]> => page.evaluate("movedControls");

/**
 * Holds answers back until they are let go, one by one.
 * @param ends What the held paths end with, before their query.
 * @returns waits until that path was asked for, and lets its answer through to the page.
 */
export async function holdAnswers(page: Page, ends: readonly string[]): Promise<(end: string) => Promise<void>> {
  const held = new Map<string, { asked: Promise<void>; go: () => void }>();
  for (const end of ends) {
    const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    held.set(end, { asked: asked.promise, go: go.resolve });
    await page.route(
      ({ pathname }) => pathname.startsWith("/v1/") && pathname.endsWith(end),
      async (route) => {
        asked.resolve();
        await go.promise;
        await route.continue();
      },
    );
  }
  return async (end) => {
    await held.get(end)!.asked;
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname.endsWith(end));
    held.get(end)!.go();
    await (await answered).finished();
  };
}
