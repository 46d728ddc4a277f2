// Leave for a page of somebody else: an app or a checkout. Always the whole page, never a frame.

/** @throws TypeError for anything but an http(s) address. */
export function leaveFor(address: string): void {
  const { protocol } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") throw new TypeError("not a web address");
  location.assign(address);
}
