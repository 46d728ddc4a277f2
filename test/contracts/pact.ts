// Reads and checks consumer contracts in Pact's own file format (version 3 of its specification), as far as ours use it:
// requests with provider-state values, answers and messages with the rules `type`, `integer`, `regex`, else equality.
// Why not Pact itself: docs/decisions/0013-contract-tests.md.

export interface Matcher {
  match: "type" | "integer" | "regex";
  regex?: string;
}
export type Rules = Record<string, { matchers: Matcher[] }>;

export interface ContractRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: unknown;
  /** `expression` names a value of the provider's state: `Bearer ${apiKey}`. */
  generators?: Partial<Record<"header" | "body", Record<string, { type: string; expression: string }>>>;
  matchingRules?: Partial<Record<"header" | "body", Rules>>;
}
export interface Interaction {
  description: string;
  providerStates: { name: string }[];
  request: ContractRequest;
  response: {
    status: number;
    headers: Record<string, string>;
    body: unknown;
    matchingRules?: Partial<Record<"header" | "body", Rules>>;
  };
}
export interface Message {
  description: string;
  providerStates: { name: string }[];
  contents: { type: string };
  metadata: Record<string, string>;
  matchingRules: Record<"body" | "metadata", Rules>;
}

/** The request with the values of a state in the places the contract names. */
export function filled(request: ContractRequest, values: Record<string, string>): ContractRequest {
  const valueOf = (expression: string) =>
    expression.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
  const copy = structuredClone(request);
  for (const [name, { expression }] of Object.entries(request.generators?.header ?? {}))
    copy.headers[name] = valueOf(expression);
  for (const [path, { expression }] of Object.entries(request.generators?.body ?? {}))
    set(copy.body, stepsOf(path), valueOf(expression));
  return copy;
}

/**
 * What of `actual` breaks the contract, one line each; none when it holds. Fields nobody expects are allowed: a provider
 * may add, it may not take away.
 */
export function mismatches(expected: unknown, actual: unknown, rules: Rules = {}, path = "$"): string[] {
  const rule = ruleFor(path, rules);
  if (rule?.match === "regex")
    return typeof actual === "string" && new RegExp(rule.regex ?? "").test(actual)
      ? []
      : [`${path}: ${JSON.stringify(actual)} does not match ${rule.regex}`];
  if (rule?.match === "integer")
    return Number.isInteger(actual) ? [] : [`${path}: ${JSON.stringify(actual)} is not an integer`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path}: is not a list`];
    if (actual.length !== expected.length) return [`${path}: has ${actual.length} entries, not ${expected.length}`];
    return expected.flatMap((entry, index) => mismatches(entry, actual[index], rules, `${path}[${index}]`));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) return [`${path}: is not an object`];
    return Object.entries(expected).flatMap(([name, value]) =>
      name in actual
        ? mismatches(value, (actual as Record<string, unknown>)[name], rules, `${path}.${name}`)
        : [`${path}.${name}: is missing`],
    );
  }
  const isEqual = rule?.match === "type" ? typeof actual === typeof expected : actual === expected;
  return isEqual ? [] : [`${path}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
}

/** Header names count without case; each rule is that of the header's name. */
export function headerMismatches(expected: Record<string, string>, actual: Headers, rules: Rules = {}): string[] {
  return Object.entries(expected).flatMap(([name, value]) =>
    mismatches(value, actual.get(name), rules[name] ? { [name]: rules[name] } : {}, name),
  );
}

function ruleFor(path: string, rules: Rules): Matcher | null {
  const general = path.replaceAll(/\[\d+\]/g, "[*]");
  return (rules[path] ?? rules[general])?.matchers[0] ?? null;
}

const stepsOf = (path: string): string[] =>
  [...path.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? index!);

function set(target: unknown, steps: string[], value: string): void {
  const [step, ...rest] = steps;
  const holder = target as Record<string, unknown>;
  if (rest.length === 0) holder[step!] = value;
  else set(holder[step!], rest, value);
}
