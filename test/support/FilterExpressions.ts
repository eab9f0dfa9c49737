/** FilterExpressions: filters as trees, as texts in any spelling, and what they say of an item, walked over its plain values. */
import fc from "fast-check";
import type { AttributeValue } from "../../src/domain/ItemRecord.ts";
import type { Comparator, ValueKind } from "../../src/domain/Where.ts";
import type { StoredItem } from "../../src/ports/Catalogue.ts";

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Of a comparison; `stars`: at the beginning, at the end. */
interface Value {
  readonly kind: Exclude<ValueKind, "list">;
  readonly value: string | number | boolean;
  readonly stars: readonly [boolean, boolean];
}

export type Expression =
  | { readonly is: "and" | "or"; readonly of: ReadonlyArray<Expression> }
  | { readonly is: "not"; readonly of: Expression }
  | { readonly is: "restriction"; readonly name: string; readonly by: Comparator | ":"; readonly value: Value }
  | { readonly is: "present"; readonly name: string };

const texts = [
  "",
  "Black",
  "black",
  "Dark Red",
  'say "hi"',
  "it's",
  "a\\b",
  "5 *",
  "*",
  "Žluťoučký",
  "30",
  "true",
  "\n",
];
const numbers = [0, -3, 30, 29.95, 1e21, -1.5e-7];
const times = ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", "2025-12-24T00:00:00.5Z", "1999-01-01T00:00:00Z"];

/** What values each name has, and so what it may be compared with. */
const kindsOf: Readonly<Record<string, ReadonlyArray<ValueKind>>> = {
  colour: ["text"],
  price: ["number"],
  sale: ["boolean"],
  since: ["time"],
  tags: ["list"],
  "product group": ["text"],
  "details.main-part": ["number", "text"],
  AND: ["text", "list"],
  mixed: ["text", "number", "boolean", "time", "list"],
};
const names = Object.keys(kindsOf);

const valueOfKind: Readonly<Record<ValueKind, fc.Arbitrary<AttributeValue>>> = {
  text: fc.constantFrom(...texts),
  number: fc.constantFrom(...numbers),
  boolean: fc.boolean(),
  time: fc.constantFrom(...times),
  list: fc.subarray(texts),
};

/** One per name and kind, so that all have been seen. */
const one: Readonly<Record<ValueKind, AttributeValue>> = {
  text: "Black",
  number: 30,
  boolean: true,
  time: "2026-01-31T12:00:00Z",
  list: ["Black", "new"],
};
export const everyKind: ReadonlyArray<Attributes> = names.flatMap((name) =>
  kindsOf[name]!.map((kind) => ({ [name]: one[kind] })),
);

export const attributes: fc.Arbitrary<Attributes> = fc.record(
  Object.fromEntries(
    names.map((name) => [name, fc.constantFrom(...kindsOf[name]!).chain((kind) => valueOfKind[kind])]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Attributes>;

const comparators: ReadonlyArray<Comparator> = ["=", "!=", "<", "<=", ">", ">="];

const restrictionOn = (name: string): fc.Arbitrary<Expression> => {
  const kinds = kindsOf[name]!;
  const single = kinds.filter((kind) => kind !== "list");
  const valueOf = (kind: Exclude<ValueKind, "list">, isOpen: boolean): fc.Arbitrary<Value> =>
    fc.record({
      kind: fc.constant(kind),
      // Of a star alone there are two readings: see `present`.
      value: valueOfKind[kind] as fc.Arbitrary<string>,
      stars: isOpen && kind === "text" ? fc.tuple(fc.boolean(), fc.boolean()) : fc.constant([false, false] as const),
    });
  const byKind = single.map((kind) =>
    fc
      .constantFrom(...(kind === "boolean" ? (["=", "!="] as const) : comparators))
      .chain((by) =>
        valueOf(kind, by === "=" || by === "!=").map((value) => ({ is: "restriction" as const, name, by, value })),
      ),
  );
  const having = fc
    .constantFrom(...(kinds.includes("list") ? ["text" as const, ...single] : single))
    .chain((kind) => valueOf(kind, true))
    .filter(({ stars, value }) => value !== "" || stars.every((star) => !star))
    .map((value) => ({ is: "restriction" as const, name, by: ":" as const, value }));
  return fc.oneof(...byKind, having, fc.constant({ is: "present" as const, name }));
};

const restriction = fc.constantFrom(...names).chain(restrictionOn);

export const expressions: fc.Arbitrary<Expression> = fc.letrec<{ all: Expression }>((tie) => ({
  all: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    restriction,
    fc.record({ is: fc.constantFrom("and", "or"), of: fc.array(tie("all"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ is: fc.constant("not"), of: tie("all") }),
  ) as fc.Arbitrary<Expression>,
})).all;

const escaped = (text: string, mark: string): string =>
  Array.from(text, (c) => (c === mark || c === "\\" || c === "*" ? `\\${c}` : c)).join("");

/** In the spelling that `choose` draws: a whole number below its argument. */
export const written = (expression: Expression, choose: (below: number) => number): string => {
  const space = (): string => [" ", "  ", "\n", " \t"][choose(4)]!;
  const maybe = (): string => ["", space()][choose(2)]!;
  const quoted = (text: string, [begins, ends]: readonly [boolean, boolean] = [false, false]): string => {
    const mark = ['"', "'"][choose(2)]!;
    return `${mark}${begins ? "*" : ""}${escaped(text, mark)}${ends ? "*" : ""}${mark}`;
  };
  const part = (text: string): string =>
    /^[\p{L}_][\p{L}\d_-]*$/u.test(text) && text !== "AND" && choose(2) === 0 ? text : quoted(text);
  const nameOf = (name: string): string =>
    choose(2) === 0 ? quoted(name) : name.split(".").map(part).join(`${maybe()}.`);
  const valueText = ({ kind, stars, value }: Value): string => {
    if (kind === "number" || kind === "boolean" || (kind === "time" && choose(2) === 0)) return String(value);
    return quoted(String(value), stars);
  };
  const group = (text: string): string => `(${maybe()}${text}${maybe()})`;
  const text = (one: Expression): string => {
    switch (one.is) {
      case "present":
        return `${nameOf(one.name)}${maybe()}:${maybe()}${["*", '"*"'][choose(2)]}`;
      case "restriction":
        return `${nameOf(one.name)}${maybe()}${one.by}${maybe()}${valueText(one.value)}`;
      case "not":
        return choose(2) === 0 ? `NOT${space()}${simple(one.of)}` : `-${simple(one.of)}`;
      case "or":
        return one.of.map(term).join(`${space()}OR${space()}`);
      case "and":
        // OR binds tighter.
        return one.of
          .map((each) => (each.is === "and" ? group(text(each)) : text(each)))
          .join([" AND ", " ", "\nAND\t"][choose(3)]);
    }
  };
  const isSimple = (one: Expression): boolean => one.is === "restriction" || one.is === "present";
  const simple = (one: Expression): string => (isSimple(one) && choose(2) === 0 ? text(one) : group(text(one)));
  const term = (one: Expression): string =>
    (isSimple(one) || one.is === "not") && choose(2) === 0 ? text(one) : group(text(one));
  return `${maybe()}${text(expression)}${maybe()}`;
};

/** Filters of a shop with every kind of attribute: the tree, and a spelling of it. */
export const filters: fc.Arbitrary<{ readonly expression: Expression; readonly text: string }> = fc
  .tuple(expressions, fc.infiniteStream(fc.nat(11)))
  .map(([expression, draws]) => ({
    expression,
    text: written(expression, (below) => draws.next().value % below),
  }))
  // Longer ones are refused.
  .filter(({ text }) => text.length <= 2_000);

const isTime = (value: AttributeValue): boolean => typeof value === "string" && /^\d{4}-.*T/.test(value);

export const kindOf = (value: AttributeValue): ValueKind =>
  Array.isArray(value)
    ? "list"
    : isTime(value)
      ? "time"
      : typeof value === "string"
        ? "text"
        : (typeof value as ValueKind);

/** As the columns of a shop with these items count them. */
export const seenIn = (items: ReadonlyArray<Attributes>): ReadonlyMap<string, ReadonlyMap<ValueKind, number>> => {
  const seen = new Map<string, Map<ValueKind, number>>();
  for (const item of items) {
    for (const [name, value] of Object.entries(item)) {
      const counts = seen.get(name) ?? new Map<ValueKind, number>();
      seen.set(name, counts.set(kindOf(value), (counts.get(kindOf(value)) ?? 0) + 1));
    }
  }
  return seen;
};

/** As the catalogue has it after a single word. */
export const storedOf = (item: Attributes, itemIdx: number): StoredItem => ({
  itemId: `i${itemIdx}`,
  itemIdx,
  number: itemIdx + 1,
  record: {
    at: 1,
    removed: false,
    fields: Object.fromEntries(Object.entries(item).map(([name, value]) => [`attributes.${name}`, value])),
    patches: {},
  },
});

const globbed = (text: string, { stars: [begins, ends], value }: Value): boolean => {
  const wanted = String(value);
  if (begins && ends) return text.includes(wanted);
  return begins ? text.endsWith(wanted) : ends ? text.startsWith(wanted) : text === wanted;
};

/** Whether an item with these attributes is so. */
export const holds = (expression: Expression, item: Attributes): boolean => {
  switch (expression.is) {
    case "and":
      return expression.of.every((one) => holds(one, item));
    case "or":
      return expression.of.some((one) => holds(one, item));
    case "not":
      return !holds(expression.of, item);
    case "present":
      return item[expression.name] !== undefined;
    case "restriction": {
      const { by, name, value } = expression;
      const found = item[name];
      if (found === undefined) return false;
      if (by === ":" && Array.isArray(found)) {
        return value.kind === "text" && found.some((text) => globbed(text, value));
      }
      if (kindOf(found) !== value.kind) return false;
      const [a, b] =
        value.kind === "time" ? [Date.parse(String(found)), Date.parse(String(value.value))] : [found, value.value];
      const isEqual = value.kind === "text" ? globbed(String(found), value) : a === b;
      if (by === "=" || by === ":") return isEqual;
      if (by === "!=") return !isEqual;
      return by === "<" ? a < b : by === "<=" ? a <= b : by === ">" ? a > b : a >= b;
    }
  }
};
