/** Colours: the values of one attribute, by the points of a map, as few as an eye can tell apart. */

import type { AttributeValue } from "../../domain/ItemRecord.ts";
import { kindOf } from "../../domain/Where.ts";

/** Most values of texts that are told apart; the rest are others. */
export const mostValues = 24;
/** Ranges that numbers are put in, of as many points each as can be. */
const ranges = 8;

export interface Colours {
  readonly ordered: boolean;
  readonly values: ReadonlyArray<string>;
  readonly counts: ReadonlyArray<number>;
  readonly others: number;
  readonly codes: Uint8Array;
}

const written = (value: number): string => String(Number(value.toPrecision(6)));

/** The greatest number of each range, without one that another has, too. */
const boundsOf = (sorted: Float64Array): ReadonlyArray<number> => {
  const ends = Array.from({ length: ranges }, (_, n) => sorted[Math.ceil(((n + 1) * sorted.length) / ranges) - 1]!);
  return [...new Set(ends)];
};

const rangesOf = (values: ReadonlyArray<AttributeValue | undefined>): Colours => {
  const numbers = values.map((value) => (typeof value === "number" && Number.isFinite(value) ? value : undefined));
  const sorted = Float64Array.from(numbers.filter((value) => value !== undefined)).sort();
  const bounds = boundsOf(sorted);
  const counts = bounds.map(() => 0);
  const least = bounds.map(() => Number.POSITIVE_INFINITY);
  const codes = Uint8Array.from(numbers, (value) => {
    if (value === undefined) return 0;
    const range = bounds.findIndex((bound) => value <= bound);
    counts[range]! += 1;
    least[range] = Math.min(least[range]!, value);
    return range + 1;
  });
  const told = bounds.map((bound, n) =>
    least[n] === bound ? written(bound) : `${written(least[n]!)} – ${written(bound)}`,
  );
  return { ordered: true, values: told, counts, others: 0, codes };
};

const textOf = (value: AttributeValue | undefined): string | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value[0] : String(value);

/** Ties in the order of the points. */
const namesOf = (values: ReadonlyArray<AttributeValue | undefined>): Colours => {
  const found = new Map<string, number>();
  const texts = values.map(textOf);
  for (const text of texts) if (text !== undefined) found.set(text, (found.get(text) ?? 0) + 1);
  const best = [...found].sort(([, a], [, b]) => b - a).slice(0, mostValues);
  const codeOf = new Map(best.map(([text], place) => [text, place + 1]));
  const counts = best.map(([, count]) => count);
  const codes = Uint8Array.from(texts, (text) => (text === undefined ? 0 : (codeOf.get(text) ?? best.length + 1)));
  const all = [...found.values()].reduce((sum, count) => sum + count, 0);
  const others = all - counts.reduce((sum, count) => sum + count, 0);
  return { ordered: false, values: best.map(([text]) => text), counts, others, codes };
};

/** By point; undefined: it has no such attribute. Numbers are ranges where most values are numbers; of a list its first counts. */
export const coloursOf = (values: ReadonlyArray<AttributeValue | undefined>): Colours => {
  const known = values.filter((value) => value !== undefined);
  const numbers = known.filter((value) => kindOf(value) === "number").length;
  return 2 * numbers > known.length ? rangesOf(values) : namesOf(values);
};
