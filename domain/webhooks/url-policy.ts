// The one policy for every address anyone gives us: webhook receivers, app and logo URLs, metadata documents, push services. It reads
// the URL only. Names that resolve to private addresses (DNS rebinding) are the runtime's to refuse: the Workers network
// reaches public addresses only, whatever a name resolves to. See docs/decisions/0012-webhook-delivery.md.

import { DomainError } from "../errors.ts";

/** What the address is for; named in the refusal. */
export type UrlPurpose = "webhook" | "app" | "logo" | "metadata" | "push";

export interface UrlPolicy {
  /** "local" also allows loopback, over http too; nothing else is loosened. */
  environment: "local" | "production";
  purpose: UrlPurpose;
}

/** Longer ones are refused: no receiver needs them, and some proxies cut them. */
export const URL_MAX_LENGTH = 2_048;
/** Ports below this belong to well-known services, which have no business with us; 443 is the exception. */
const OPEN_PORTS_FROM = 1_024;

/**
 * Parse an address someone gave us and refuse what we must never call or show.
 *
 * Allowed: https, a public host name or address, port 443 or 1024 and up, no user name or password, no fragment for
 * webhooks. In the local environment also http and https to loopback, on any port.
 * @returns The parsed URL; `.href` is the canonical spelling to store.
 * @throws DomainError `url_not_allowed` with `reason`, a sentence on what to change.
 */
export function assertUrlAllowed(url: string, policy: UrlPolicy): URL {
  const refuse = (reason: string): never => {
    throw new DomainError("url_not_allowed", `This ${policy.purpose} URL cannot be used: ${reason}`, { reason });
  };
  if (url.length > URL_MAX_LENGTH) refuse(`it is longer than ${URL_MAX_LENGTH} characters.`);
  // Parsers disagree on these: the URL standard drops or rewrites them, others keep them.
  if (hasAmbiguousCharacter(url)) refuse("it contains spaces, control characters or backslashes.");
  const parsed = URL.parse(url) ?? refuse("it is not a complete URL.");
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") refuse("it must start with https://.");
  if (parsed.username || parsed.password) refuse("it must not contain a user name or password.");
  if (policy.purpose === "webhook" && url.includes("#")) refuse("it must not contain a fragment (#).");
  // The URL standard has already turned decimal, octal, hex and short IPv4 forms into dotted ones here.
  const host = parsed.hostname.toLowerCase().replace(/\.$/, "");
  // A push service speaks https alone (RFC 8030 section 8.1).
  const mayBePlain = policy.purpose !== "push" || parsed.protocol === "https:";
  if (policy.environment === "local" && isLoopback(host) && mayBePlain) return parsed;
  if (parsed.protocol !== "https:") refuse("it must start with https://.");
  const hostProblem = whyHostIsNotPublic(host);
  if (hostProblem) refuse(hostProblem);
  if (parsed.port !== "" && Number(parsed.port) < OPEN_PORTS_FROM)
    refuse(`the port must be 443 or ${OPEN_PORTS_FROM} and up.`);
  return parsed;
}

/** True for hosts that are this machine: `localhost`, names under it, 127.0.0.0/8 and ::1. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || /^127(\.\d+){3}$/.test(host) || host === "[::1]";

function hasAmbiguousCharacter(url: string): boolean {
  for (const char of url) if (char <= " " || char === "\\" || char === "\u007f") return true;
  return false;
}

const NOT_PUBLIC = "it points to an address that is not public.";
const NAME_NOT_PUBLIC = "its host name is not a public one.";

/** Top-level names that never mean a public host (RFC 6761, RFC 6762, RFC 8375, ICANN's reserved `internal`, habit). */
const PRIVATE_TOP_LEVEL = new Set([
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "arpa",
  "test",
  "invalid",
  "onion",
  "alt",
]);

function whyHostIsNotPublic(host: string): string | null {
  if (host.startsWith("[")) return isPublicIpv6(host.slice(1, -1)) ? null : NOT_PUBLIC;
  if (/^\d+(\.\d+){3}$/.test(host)) return isPublicIpv4(host.split(".").map(Number)) ? null : NOT_PUBLIC;
  const labels = host.split(".");
  if (labels.length < 2 || labels.some((label) => label === "")) return NAME_NOT_PUBLIC;
  if (PRIVATE_TOP_LEVEL.has(labels.at(-1)!)) return NAME_NOT_PUBLIC;
  if (isUnder(REBINDING_NAMES, host)) return NAME_NOT_PUBLIC;
  // Wildcard DNS services answer with the address spelled in the name: 10.0.0.1.nip.io, app-192-168-1-1.sslip.io.
  const spelled = [...host.matchAll(/(?<!\d)(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?!\d)/g)];
  if (spelled.some((parts) => !isPublicIpv4(parts.slice(1, 5).map(Number)))) return NAME_NOT_PUBLIC;
  // They also read hexadecimal and IPv6 (7f000001.nip.io, --1.sslip.io), so theirs must spell a public IPv4 one.
  if (spelled.length === 0 && isUnder(WILDCARD_NAMES, host)) return NAME_NOT_PUBLIC;
  return null;
}

/** Names that answer with loopback, or with another address every time they are asked. */
const REBINDING_NAMES: readonly string[] = [
  "rbndr.us",
  "1u.ms",
  "rebind.it",
  "rebind.network",
  "localtest.me",
  "lvh.me",
  "vcap.me",
  "lacolhost.com",
];
const WILDCARD_NAMES: readonly string[] = ["nip.io", "sslip.io", "xip.io", "traefik.me", "backname.io"];
const isUnder = (names: readonly string[], host: string): boolean =>
  names.some((name) => host === name || host.endsWith(`.${name}`));

/** IANA IPv4 special-purpose registry (RFC 6890), everything not globally reachable, plus multicast: [base, bits]. */
const IPV4_NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8],
  ["169.254.0.0", 16], // link-local, cloud metadata
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16],
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
];
const asNumber = (parts: readonly number[]): number => parts.reduce((sum, part) => sum * 256 + part, 0);
const IPV4_RANGES = IPV4_NOT_PUBLIC.map(([base, bits]) => {
  const from = asNumber(base.split(".").map(Number));
  return { from, to: from + 2 ** (32 - bits) - 1 };
});

function isPublicIpv4(parts: readonly number[]): boolean {
  if (parts.some((part) => part > 255)) return true; // Not an address, just figures in a name.
  const address = asNumber(parts);
  return !IPV4_RANGES.some(({ from, to }) => address >= from && address <= to);
}

/**
 * Only global unicast, 2000::/3, is public, and not all of it. So everything that wraps an IPv4 address outside it
 * (mapped ::ffff:0:0/96, compatible ::/96, NAT64 64:ff9b::/96 and 64:ff9b:1::/48) goes, public inside or not: nobody
 * needs those spellings. Source: IANA IPv6 special-purpose registry.
 */
function isPublicIpv6(text: string): boolean {
  const [first = 0, second = 0] = leadingGroups(text);
  if (first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001 && second < 0x0200) return false; // 2001::/23: Teredo, ORCHID, benchmarks
  if (first === 0x2001 && second === 0x0db8) return false; // documentation
  if (first === 0x2002) return false; // 6to4 wraps an IPv4 address
  if (first === 0x3fff && second < 0x1000) return false; // documentation
  return true;
}

/** The first two 16-bit groups; URL hosts are already in canonical, compressed form. */
function leadingGroups(text: string): number[] {
  const [head = ""] = text.split("::");
  const groups = head === "" ? [] : head.split(":").map((group) => Number.parseInt(group, 16));
  return [groups[0] ?? 0, groups[1] ?? 0];
}
