// What stands between Node and the Worker's sources: `cloudflare:workers` is ours, and a planted bug is a change of source
// text, made while the file is loaded.

import { registerHooks } from "node:module";

const ROOT = new URL("../../", import.meta.url);

/** A change of source text that breaks a promise. `file` is a path from the root. */
export interface Patch {
  file: string;
  find: string;
  replace: string;
}

export function patched(file: string, source: string, patches: readonly Patch[]): string {
  return patches
    .filter((patch) => patch.file === file)
    .reduce((text, { find, replace }) => {
      if (!text.includes(find)) throw new Error(`${file} does not contain: ${find}`);
      return text.replace(find, () => replace);
    }, source);
}

/** Once, before the first import of the Worker. */
export function installHooks(patches: readonly Patch[]): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "cloudflare:workers"
        ? { url: new URL("cloudflare-workers.ts", import.meta.url).href, shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.startsWith(ROOT.href) || !loaded.source) return loaded;
      const file = url.slice(ROOT.href.length);
      if (!patches.some((patch) => patch.file === file)) return loaded;
      return { ...loaded, source: patched(file, String(loaded.source), patches) };
    },
  });
}
