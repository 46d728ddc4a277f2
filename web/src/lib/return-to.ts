// Where to come back to after a detour (checkout, the app's page): kept per tab, used once, and only ever a path of our own.

export interface ReturnTo {
  path: string;
  name: string;
}
const KEY = "return_to";

export const rememberReturn = (to: ReturnTo): void => sessionStorage.setItem(KEY, JSON.stringify(to));

export function readReturn(): ReturnTo | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as ReturnTo | null;
    return stored && isOwnPath(stored.path) ? stored : null;
  } catch {
    return null;
  }
}
export const forgetReturn = (): void => sessionStorage.removeItem(KEY);

/** "/apps/x" is ours; "//elsewhere", "/\\elsewhere" and absolute addresses are not. */
export const isOwnPath = (path: string | null): path is string => path !== null && /^\/(?![/\\])/.test(path);
