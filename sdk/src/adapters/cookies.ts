// Cookies as the adapters need them: one value in, one line out (RFC 6265bis). Scripts never see them, and another site's
// request does not carry them where it could change something.

export function readCookie(request: { headers: Headers }, name: string): string | undefined {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** @param value Of letters a cookie can carry: base64url and dots. */
export const setCookie = (name: string, value: string, settings: { seconds: number; isSecure: boolean }): string =>
  `${name}=${value}; Path=/; Max-Age=${settings.seconds}; HttpOnly; SameSite=Lax${settings.isSecure ? "; Secure" : ""}`;

export const expiredCookie = (name: string, isSecure: boolean): string => setCookie(name, "", { seconds: 0, isSecure });
