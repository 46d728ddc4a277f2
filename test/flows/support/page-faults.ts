// What a machine can find wrong with a page: accessibility rules, layout at this width, and what the browser refused.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function faultsOf(page: Page): Promise<string[]> {
  await settled(page);
  // Its other mode opens a page of its own for every look, to put frames of other origins together; ours have no frames.
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG).setLegacyMode(true).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`);
}

/** Colours that follow a change of the scheme are judged when they have arrived: two frames later, with nothing moving. */
const settled = (page: Page): Promise<void> =>
  page.evaluate<void>(`(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const moves = ({ playState, effect }) => playState === "running" && Number.isFinite(effect.getComputedTiming().endTime);
    do {
      await frame();
      await frame();
    } while (document.getAnimations().some(moves));
  })()`);

/** What is wider than the page, and targets smaller than WCAG 2.5.8 allows (links inside a sentence are exempt). */
export const layoutFaults = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const faults = [];
    if (document.documentElement.scrollWidth > innerWidth)
      faults.push("sideways scroll: " + document.documentElement.scrollWidth);
    for (const target of document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")) {
      const { width, height } = target.getBoundingClientRect();
      const style = getComputedStyle(target);
      const isHidden = width <= 1 || height <= 1 || style.visibility === "hidden";
      const isInText = target.tagName === "A" && style.display === "inline";
      if (!isHidden && !isInText && (width < 24 || height < 24))
        faults.push("small target: " + target.outerHTML.slice(0, 80) + " " + Math.round(width) + "x" + Math.round(height));
    }
    return faults;
  })()`);

/** Collects what the content policy refused and what a script threw, from now on. */
export function collectPolicyFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|hydration/i.test(message.text())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  return faults;
}
