/**
 * Few: the items that are as a condition says, where they are few: looked for by the values of a column instead of among all.
 *
 * A column that is asked about is put in order (`ByValue.ts`) and is looked up as it was then; items that changed since are looked at
 * besides, and each that was found is asked again whether it is so. So what changes costs nothing, until more has changed than
 * `Columns` tells: then it is put in order anew.
 */
import type { Comparison, Having, Where } from "../../domain/Where.ts";
import type { Columns } from "../Columns.ts";
import { type ByNumber, type ByValue, byCode, byNumber } from "./ByValue.ts";
import { listPasses, matcherNow, textPasses } from "./Match.ts";

export interface Few {
  /** Their indices, some perhaps twice, in no order; undefined where more than `most` may be so, or where it cannot be told by one column. */
  readonly find: (where: Where, most: number) => Uint32Array | undefined;
  /** Of what is kept. */
  readonly bytes: () => number;
}

/** Columns that are kept in order: so many bytes, and a few where a shop has many items. */
const keptBytes = 64 * 2 ** 20;
const leastKept = 4;
/** Texts or lists that are looked at for those that a condition is true of. */
const mostValues = 4096;

interface Part extends Pick<ByValue, "items"> {
  readonly from: number;
  readonly to: number;
}

/** Where all are that are so. */
interface Places {
  readonly count: number;
  readonly parts: ReadonlyArray<Part>;
}

const nowhere: Places = { count: 0, parts: [] };

const joined = (all: ReadonlyArray<Places>): Places => ({
  count: all.reduce((sum, { count }) => sum + count, 0),
  parts: all.flatMap(({ parts }) => parts),
});

/** Of the groups from `first` to below `last`. */
const partOf = ({ items, starts }: ByValue, first: number, last: number): Places => {
  const groups = starts.length - 1;
  const [from, to] = [starts[Math.min(first, groups)], starts[Math.min(Math.max(first, last), groups)]];
  return from === to ? nowhere : { count: to - from, parts: [{ items, from, to }] };
};

/** All that are so are in these groups; `last` is not. */
interface Range {
  readonly column: ByNumber;
  readonly first: number;
  readonly last: number;
}

const fewest = (all: ReadonlyArray<Places | undefined>): Places | undefined =>
  all.reduce((least, one) => (one !== undefined && (least === undefined || one.count < least.count) ? one : least));

/** Puts those of the first `n` that are so in front, in their order, and answers how many they are. */
const narrowed = (where: Where, columns: Columns, items: Uint32Array, n: number): number => {
  if (where.kind === "and") return where.of.reduce((left, one) => narrowed(one, columns, items, left), n);
  const matches = matcherNow(where, columns);
  let left = 0;
  for (let i = 0; i < n; i++) {
    const item = items[i];
    if (matches(item)) items[left++] = item;
  }
  return left;
};

export const makeFew = (columns: Columns): Few => {
  const { changes } = columns;
  /** By kind and name, with how many changes there were by then; the least recently asked for first. */
  const kept = new Map<string, { readonly made: number; readonly column: ByValue | ByNumber }>();
  /** Of what the condition was looked up in, the oldest. */
  let oldest = 0;
  let bytes = 0;

  const bytesOf = ({ items, starts }: ByValue): number => items.byteLength + starts.byteLength;

  const inOrder = <A extends ByValue>(key: string, make: () => A): A => {
    const before = kept.get(key);
    kept.delete(key);
    const isTold = before !== undefined && changes.areTold(before.made);
    const one = isTold ? before : { made: changes.count(), column: make() };
    if (one !== before) bytes += bytesOf(one.column) - (before === undefined ? 0 : bytesOf(before.column));
    kept.set(key, one);
    for (const [old, { column }] of kept) {
      if (bytes <= keptBytes || kept.size <= leastKept) break;
      kept.delete(old);
      bytes -= bytesOf(column);
    }
    oldest = Math.min(oldest, one.made);
    return one.column as A;
  };

  const ofCodes = (key: string, codes: ArrayLike<number>, size: number, wanted: ReadonlyArray<number>): Places => {
    const column = inOrder(key, () => byCode(codes, columns.size, size));
    return joined(wanted.map((code) => partOf(column, code, code + 1)));
  };

  /** Codes of the values that pass; undefined where there are many values. */
  const passing = <A>(values: ReadonlyArray<A>, passes: (value: A) => boolean): ReadonlyArray<number> | undefined => {
    if (values.length > mostValues) return undefined;
    const codes: Array<number> = [];
    for (let code = 1; code < values.length; code++) if (passes(values[code])) codes.push(code);
    return codes;
  };

  const ofText = (comparison: Comparison): Places | undefined => {
    const { attribute, by, open, value } = comparison;
    const text = columns.text(attribute);
    if (text === undefined) return nowhere;
    const isWhole = by === "=" && open === undefined;
    const codes = isWhole ? [text.codeOf(String(value)) ?? 0] : passing(text.texts, textPasses(comparison));
    return codes && ofCodes(`text ${attribute}`, text.codes, text.texts.length, codes);
  };

  const rangeOf = ({ attribute, by, type, value }: Comparison): Range | undefined => {
    const values = type === "number" ? columns.numbers(attribute) : columns.times(attribute);
    if (values === undefined || by === "!=") return undefined;
    const column = inOrder(`${type} ${attribute}`, () => byNumber(values, columns.size));
    const group = column.groupOf(Number(value));
    return {
      column,
      first: by === "<" || by === "<=" ? 0 : group,
      last: by === ">" || by === ">=" ? column.starts.length : group + 1,
    };
  };

  const ofComparison = (comparison: Comparison): Places | undefined => {
    const { attribute, by, type, value } = comparison;
    if (by === "!=" && type !== "boolean") return undefined;
    if (type === "text") return ofText(comparison);
    if (type === "boolean") {
      const values = columns.booleans(attribute);
      const code = (value === true) === (by === "=") ? 2 : 1;
      return values === undefined ? nowhere : ofCodes(`boolean ${attribute}`, values, 3, [code]);
    }
    const range = rangeOf(comparison);
    return range === undefined ? nowhere : partOf(range.column, range.first, range.last);
  };

  const ofHaving = (having: Having): Places | undefined => {
    const { attribute, open, value } = having;
    if (value === undefined) return undefined;
    const lists = columns.lists(attribute);
    const codes = lists === undefined ? [] : passing(lists.lists, listPasses(having));
    const equal = { kind: "compare", attribute, type: "text", by: "=", value } as const;
    const texts = ofText(open === undefined ? equal : { ...equal, open });
    if (codes === undefined || texts === undefined) return undefined;
    if (lists === undefined) return texts;
    return joined([texts, ofCodes(`list ${attribute}`, lists.codes, lists.lists.length, codes)]);
  };

  /** Of several comparisons of one column of numbers, where all of them may be true. */
  const ofAll = (conditions: ReadonlyArray<Where>): Places | undefined => {
    const ranges = new Map<ByNumber, Range>();
    const places = conditions.map((one) => {
      const isRange = one.kind === "compare" && (one.type === "number" || one.type === "time") && one.by !== "!=";
      const range = isRange ? rangeOf(one) : undefined;
      if (range === undefined) return placesOf(one);
      const { first = 0, last = range.last } = ranges.get(range.column) ?? {};
      ranges.set(range.column, {
        column: range.column,
        first: Math.max(first, range.first),
        last: Math.min(last, range.last),
      });
      return undefined;
    });
    return fewest([
      ...places,
      ...Array.from(ranges.values(), ({ column, first, last }) => partOf(column, first, last)),
    ]);
  };

  const placesOf = (where: Where): Places | undefined => {
    switch (where.kind) {
      case "compare":
        return ofComparison(where);
      case "has":
        return ofHaving(where);
      case "not":
        return undefined;
      case "and":
        return where.of.length === 0 ? undefined : ofAll(where.of);
      case "or": {
        const all = where.of.map(placesOf);
        const known = all.filter((one) => one !== undefined);
        return known.length < all.length ? undefined : joined(known);
      }
    }
  };

  return {
    find: (where, most) => {
      oldest = changes.count();
      const places = placesOf(where);
      if (places === undefined || places.count > most) return undefined;
      const changed = changes.since(oldest);
      const found = new Uint32Array(places.count + changed.length);
      found.set(changed);
      let n = changed.length;
      for (const { from, items, to } of places.parts) {
        found.set(items.subarray(from, to), n);
        n += to - from;
      }
      return found.subarray(0, narrowed(where, columns, found, n));
    },
    bytes: () => bytes,
  };
};
