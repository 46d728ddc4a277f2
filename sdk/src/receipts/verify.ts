// Checks signed receipts offline: the signature of each with WebCrypto, what it says, and the chain when several are given.
// It needs the marketplace's public keys and nothing else; it runs in a browser, in Node 20 and at the edge.

import { RECEIPT_TYPE, type ReceiptDocument } from "../protocol/receipt.ts";
import { canonicalJson } from "./canonical.ts";
import { contentsProblem } from "./contents.ts";

export type ReceiptProblemCode =
  | "malformed"
  | "not_a_receipt"
  | "unknown_key"
  | "signature"
  | "contents"
  | "other_chain"
  | "out_of_order"
  | "missing"
  | "twice"
  | "broken_link";

export interface ReceiptProblem {
  code: ReceiptProblemCode;
  /** One sentence for a person. */
  message: string;
}

export interface CheckedReceipt {
  /** The text that was signed. */
  jws: string;
  /** What it says; null where it cannot be read at all. Not to be believed when there is a problem. */
  document: ReceiptDocument | null;
  /** The key it was signed with, by its own word. */
  kid: string | null;
  problem: ReceiptProblem | null;
}

export interface Verification {
  /** Every receipt is genuine, and where several were given they are an unbroken piece of one chain. */
  isGenuine: boolean;
  receipts: CheckedReceipt[];
  /** True when the piece begins with number 1, so that nothing before it can be missing. */
  fromTheBeginning: boolean;
}

/** A JSON Web Key Set, as the marketplace publishes it. */
export interface Jwks {
  keys: (JsonWebKey & { kid?: string })[];
}

/**
 * Check receipts in the order given.
 * @param text One or more receipts: compact JWS separated by white space, or JSON with them in it.
 * @param jwks The marketplace's receipt keys.
 * @throws TypeError when there is no receipt in `text`, or no key in `jwks`.
 */
export async function verifyReceipts(text: string, jwks: Jwks): Promise<Verification> {
  const found = receiptsIn(text);
  if (found.length === 0) throw new TypeError("There is no receipt in this text.");
  const keys = usableKeys(jwks);
  const receipts: CheckedReceipt[] = [];
  for (const jws of found) {
    const checked = await verifyOne(jws, keys);
    const before = receipts.at(-1);
    const problem = checked.problem ?? (before ? await linkProblem(before, checked) : null);
    receipts.push({ ...checked, problem });
  }
  return {
    isGenuine: receipts.every(({ problem }) => problem === null),
    receipts,
    fromTheBeginning: receipts[0]!.document?.number === 1,
  };
}

/** The compact JWSs in a text, in their order. */
export function receiptsIn(text: string): string[] {
  const trimmed = text.trim();
  if (!/^[[{"]/.test(trimmed)) return trimmed.split(/\s+/).filter((word) => word !== "");
  try {
    return textsOf(JSON.parse(trimmed) as unknown).filter((word) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(word));
  } catch {
    return [];
  }
}

/** SHA-256 of a receipt's text, as the next one names it. */
export async function receiptDigest(jws: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(jws)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

const textsOf = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
};

function usableKeys(jwks: Jwks): Map<string, JsonWebKey> {
  const keys = new Map<string, JsonWebKey>();
  for (const { kid, kty, crv, x, y } of Array.isArray(jwks?.keys) ? jwks.keys : [])
    if (kid && kty === "EC" && crv === "P-256") keys.set(kid, { kty, crv, x, y });
  if (keys.size === 0) throw new TypeError("There is no P-256 key in this key set.");
  return keys;
}

const refused = (
  code: ReceiptProblemCode,
  message: string,
  rest: Pick<CheckedReceipt, "jws"> & Partial<CheckedReceipt>,
): CheckedReceipt => ({ document: null, kid: null, ...rest, problem: { code, message } });

async function verifyOne(jws: string, keys: Map<string, JsonWebKey>): Promise<CheckedReceipt> {
  const parts = jws.split(".");
  const [head, body, signature] = parts.map(bytesOf);
  const text = body && textOf(body);
  const header = head && parse(textOf(head));
  const document = parse(text ?? null) as ReceiptDocument | null;
  if (parts.length !== 3 || !header || !document || !signature)
    return refused("malformed", "This is not a signed receipt: it cannot be read.", { jws });
  const kid = typeof header.kid === "string" ? header.kid : null;
  // The token's own header decides nothing: algorithm and type are what they must be (RFC 8725).
  if (header.alg !== "ES256" || header.typ !== RECEIPT_TYPE || "crit" in header)
    return refused("not_a_receipt", "This is signed, but it is not a receipt.", { jws, kid });
  const jwk = keys.get(kid ?? "");
  if (!jwk) return refused("unknown_key", "It was not signed with any of these keys.", { jws, kid, document });
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  const isSigned = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed);
  if (!isSigned)
    return refused("signature", "It was changed after it was signed, or somebody else signed it.", {
      jws,
      kid,
      document,
    });
  // One document has one spelling, so two programs can never read two things in it.
  const wrong = text === canonicalJson(document) ? contentsProblem(document) : "it is not in its canonical form";
  if (wrong) return refused("contents", `It is signed, but ${wrong}.`, { jws, kid, document });
  return { jws, document, kid, problem: null };
}

/** What is wrong between two neighbours; null when the second follows the first. */
async function linkProblem(before: CheckedReceipt, after: CheckedReceipt): Promise<ReceiptProblem | null> {
  if (!before.document || !after.document) return null;
  const [first, second] = [before.document, after.document];
  if (first.chain !== second.chain)
    return { code: "other_chain", message: "It belongs to the chain of another wallet." };
  if (first.number === second.number)
    return before.jws === after.jws
      ? { code: "twice", message: `Number ${second.number} is here twice.` }
      : { code: "twice", message: `There are two different receipts with number ${second.number}.` };
  if (second.number < first.number)
    return { code: "out_of_order", message: `Number ${second.number} stands after number ${first.number}.` };
  if (second.number > first.number + 1) {
    const [from, to] = [first.number + 1, second.number - 1];
    const which = from === to ? `number ${from} is` : `numbers ${from} to ${to} are`;
    return { code: "missing", message: `Before number ${second.number}, ${which} missing.` };
  }
  if (second.previous !== (await receiptDigest(before.jws)))
    return { code: "broken_link", message: `It does not follow this number ${first.number}, but another one.` };
  return null;
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(base64url)) return null;
  try {
    return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parse(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
