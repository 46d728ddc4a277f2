// Damaged copies of an object, each wrong in one place: what a drift between our stand-in and Stripe would look like. Used
// to show that the check (check.ts) would see it.

export interface Damage {
  what: string;
  value: unknown;
}

/** Free-form by Stripe's own definition: any name and any text is right there. */
const FREE_FORM = new Set(["metadata", "payload", "previous_attributes"]);
/** Fields whose type is a closed or open list of words. */
const ENUMS = new Set([
  "object",
  "mode",
  "payment_status",
  "ui_mode",
  "capture_method",
  "confirmation_method",
  "billing_scheme",
  "balance_type",
  "tax_exempt",
]);

/** Every field once renamed and once given a value of another type; words of known lists once misspelled. */
export function* damages(original: object): Generator<Damage> {
  for (const path of fieldsOf(original, [])) {
    const name = path.at(-1)!;
    const where = path.join(".");
    yield { what: `${where} renamed`, value: edit(original, path, (parent) => rename(parent, name)) };
    yield {
      what: `${where} of another type`,
      value: edit(original, path, (parent) => void (parent[name] = { unexpected: [true] })),
    };
    if (ENUMS.has(name) && typeof read(original, path) === "string")
      yield { what: `${where} misspelled`, value: edit(original, path, (parent) => void (parent[name] += "_x")) };
  }
}

function* fieldsOf(value: unknown, path: string[]): Generator<string[]> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (!Array.isArray(value)) yield [...path, name];
    if (!FREE_FORM.has(name)) yield* fieldsOf(item, [...path, name]);
  }
}

type Parent = Record<string, unknown>;

function edit(original: object, path: string[], change: (parent: Parent) => void): unknown {
  const copy = structuredClone(original);
  change(read(copy, path.slice(0, -1)) as Parent);
  return copy;
}

const read = (value: unknown, path: string[]): unknown =>
  path.reduce<unknown>((node, name) => (node as Parent)[name], value);

function rename(parent: Parent, name: string): void {
  parent[`${name}_renamed`] = parent[name];
  delete parent[name];
}
