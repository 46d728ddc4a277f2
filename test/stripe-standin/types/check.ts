// Does a JSON value have the shape its TypeScript type says? Walks the types of the pinned SDK with the compiler, so that
// what we send is held to what stripe-node believes Stripe sends. Stricter than the compiler in two ways: fields no type
// knows are errors, and an open enum takes only the values it lists.

import { join } from "node:path";
import ts from "typescript";

/** On the wire numbers are numbers; in a form-encoded request everything is a string. */
type Encoding = "json" | "form";

export interface StripeTypes {
  /** Errors of an object Stripe would send, by its `object` field; lists are checked item by item. Empty: it fits. */
  checkObject(value: unknown): string[];
  /** Errors of the parameters of a call, by endpoint. */
  checkRequest(endpoint: string, params: unknown): string[];
}

/** Reads the types once; takes a few seconds. */
export function loadStripeTypes(): StripeTypes {
  const contract = join(import.meta.dirname, "contract.ts");
  const program = ts.createProgram([contract], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const file = checker.getSymbolAtLocation(program.getSourceFile(contract)!)!;
  const typesIn = (name: string): Map<string, ts.Type> => {
    const symbol = checker.getExportsOfModule(file).find((one) => one.name === name)!;
    const members = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
    return new Map(members.map((member) => [member.name, checker.getTypeOfSymbol(member)]));
  };
  const objects = typesIn("Objects");
  const requests = typesIn("Requests");

  const checkObject = (value: unknown): string[] => {
    const kind = (value as { object?: unknown } | null)?.object;
    if (kind === "list") return checkList(value as Record<string, unknown>, checkObject);
    const type = objects.get(String(kind));
    return type ? check(checker, type, value, String(kind), "json") : [`no type for object ${JSON.stringify(kind)}`];
  };
  return {
    checkObject,
    checkRequest: (endpoint, params) => {
      const type = requests.get(endpoint);
      return type ? check(checker, type, params, endpoint, "form") : [`no type for request ${endpoint}`];
    },
  };
}

function checkList(list: Record<string, unknown>, checkItem: (item: unknown) => string[]): string[] {
  const { object: _, data, has_more, url, ...rest } = list;
  return [
    ...(Array.isArray(data) ? data.flatMap(checkItem) : ["list.data: not an array"]),
    ...(typeof has_more === "boolean" ? [] : ["list.has_more: not a boolean"]),
    ...(typeof url === "string" ? [] : ["list.url: not a string"]),
    ...Object.keys(rest).map((name) => `list.${name}: unknown field`),
  ];
}

function check(checker: ts.TypeChecker, type: ts.Type, value: unknown, path: string, as: Encoding): string[] {
  if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
  if (type.isUnion()) return checkUnion(checker, type, value, path, as);
  const isRight = checkScalar(checker, type, value, as);
  if (isRight !== null) return isRight ? [] : [mismatch(checker, type, value, path)];
  if (checker.isArrayType(type)) return checkArray(checker, type as ts.TypeReference, value, path, as);
  return checkFields(checker, type, value, path, as);
}

/** @returns null when the type is no scalar. */
function checkScalar(checker: ts.TypeChecker, type: ts.Type, value: unknown, as: Encoding): boolean | null {
  const isForm = as === "form";
  // A class of the SDK, a string on the wire.
  if (/^Decimal(Impl)?$/.test(type.aliasSymbol?.name ?? type.symbol?.name ?? "")) return isDecimal(value);
  if (isOpenString(type) || type.flags & ts.TypeFlags.String) return typeof value === "string";
  if (type.isStringLiteral()) return value === type.value;
  if (type.isNumberLiteral()) return (isForm ? Number(value) : value) === type.value;
  if (type.flags & ts.TypeFlags.Number)
    return isForm ? isDecimal(value) : typeof value === "number" && Number.isFinite(value);
  if (type.flags & ts.TypeFlags.BooleanLiteral)
    return (
      (isForm ? String(value) : value) === (isForm ? checker.typeToString(type) : checker.typeToString(type) === "true")
    );
  if (type.flags & ts.TypeFlags.Null) return isForm ? value === "" : value === null;
  if (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return value === undefined;
  return null;
}

const isDecimal = (value: unknown): boolean => typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value);

/** `OtherString` of the SDK: `string & Record<never, never>`, which makes an enum open. */
const isOpenString = (type: ts.Type): boolean =>
  type.isIntersection() && type.types.some((part) => part.flags & ts.TypeFlags.String);

function checkUnion(checker: ts.TypeChecker, type: ts.UnionType, value: unknown, path: string, as: Encoding): string[] {
  const isEnum = type.types.some((member) => member.isStringLiteral());
  const members = type.types.filter((member) => !(isEnum && isOpenString(member)));
  const candidates = isObject(value) ? members.filter((member) => couldBe(checker, member, value)) : members;
  let best: string[] | null = null;
  for (const member of candidates) {
    const errors = check(checker, member, value, path, as);
    if (errors.length === 0) return [];
    if (isObject(value) && (best === null || errors.length < best.length)) best = errors;
  }
  return best ?? [mismatch(checker, type, value, path)];
}

/** Large unions are told apart by their literal fields (`object`, `type`), as a reader does. */
function couldBe(checker: ts.TypeChecker, type: ts.Type, value: Record<string, unknown>): boolean {
  return ["object", "type"].every((name) => {
    const field = type.getProperty(name);
    const literal = field && checker.getTypeOfSymbol(field);
    return !literal?.isStringLiteral() || literal.value === value[name];
  });
}

function checkArray(
  checker: ts.TypeChecker,
  type: ts.TypeReference,
  value: unknown,
  path: string,
  as: Encoding,
): string[] {
  const items = as === "form" && isObject(value) ? Object.values(value) : value;
  if (!Array.isArray(items)) return [mismatch(checker, type, value, path)];
  const itemType = checker.getTypeArguments(type)[0]!;
  return items.flatMap((item, i) => check(checker, itemType, item, `${path}[${i}]`, as));
}

function checkFields(checker: ts.TypeChecker, type: ts.Type, value: unknown, path: string, as: Encoding): string[] {
  if (!isObject(value)) return [mismatch(checker, type, value, path)];
  const fields = new Map(checker.getPropertiesOfType(type).map((field) => [field.name, field]));
  const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
  const errors: string[] = [];
  for (const [name, field] of fields)
    if (!(name in value) && !(field.flags & ts.SymbolFlags.Optional)) errors.push(`${path}.${name}: missing`);
  for (const [name, item] of Object.entries(value)) {
    const field = fields.get(name);
    const fieldType = field ? checker.getTypeOfSymbol(field) : index?.type;
    errors.push(
      ...(fieldType ? check(checker, fieldType, item, `${path}.${name}`, as) : [`${path}.${name}: unknown field`]),
    );
  }
  return errors;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const mismatch = (checker: ts.TypeChecker, type: ts.Type, value: unknown, path: string): string =>
  `${path}: ${JSON.stringify(value)?.slice(0, 60)} is not ${checker.typeToString(type).slice(0, 120)}`;
