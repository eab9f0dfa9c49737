/** Colours: the values of one attribute, by the points of a map, as few as an eye can tell apart. */
import { Effect } from "effect";
import type { AttributeValue } from "../../domain/ItemRecord.ts";
import { kindOf } from "../../domain/Where.ts";
import { breathe } from "../../training/Plane.ts";
import { inSlices } from "./Slices.ts";

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

type Values = ReadonlyArray<AttributeValue | undefined>;

const isNumber = (value: AttributeValue | undefined): value is number =>
  typeof value === "number" && Number.isFinite(value);

const written = (value: number): string => String(Number(value.toPrecision(6)));

/** The greatest number of each range, without one that another has, too. */
const boundsOf = (sorted: Float64Array): ReadonlyArray<number> => {
  const ends = Array.from({ length: ranges }, (_, n) => sorted[Math.ceil(((n + 1) * sorted.length) / ranges) - 1]!);
  return [...new Set(ends)];
};

/** Places are looked at so many at a time: a millisecond or two. */
const many = 4096;

const rangesOf = (values: Values) =>
  Effect.gen(function* () {
    const numbers = new Float64Array(values.length);
    let count = 0;
    const gather = (at: number): void => {
      const value = values[at];
      if (isNumber(value)) numbers[count++] = value;
    };
    yield* inSlices(values.length, gather, many);
    const sorted = numbers.subarray(0, count).sort();
    yield* breathe;
    const bounds = boundsOf(sorted);
    const counts = bounds.map(() => 0);
    const least = bounds.map(() => Number.POSITIVE_INFINITY);
    const codes = new Uint8Array(values.length);
    const put = (at: number): void => {
      const value = values[at];
      if (!isNumber(value)) return;
      const range = bounds.findIndex((bound) => value <= bound);
      counts[range]! += 1;
      least[range] = Math.min(least[range]!, value);
      codes[at] = range + 1;
    };
    yield* inSlices(values.length, put, many);
    const told = bounds.map((bound, n) =>
      least[n] === bound ? written(bound) : `${written(least[n]!)} – ${written(bound)}`,
    );
    return { ordered: true, values: told, counts, others: 0, codes } satisfies Colours as Colours;
  });

const textOf = (value: AttributeValue | undefined): string | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value[0] : String(value);

/** The most common first, ties in the order of the points. */
const bestOf = (found: ReadonlyMap<string, number>) =>
  Effect.gen(function* () {
    const best: Array<readonly [text: string, count: number]> = [];
    const all = found.entries();
    const take = (): void => {
      const next = all.next();
      if (next.done === true) return;
      const [, count] = next.value;
      if (best.length === mostValues && count <= best[mostValues - 1]![1]) return;
      const place = best.findIndex(([, other]) => other < count);
      best.splice(place === -1 ? best.length : place, 0, next.value);
      if (best.length > mostValues) best.pop();
    };
    yield* inSlices(found.size, take, many);
    return best;
  });

const namesOf = (values: Values) =>
  Effect.gen(function* () {
    const found = new Map<string, number>();
    let all = 0;
    const count = (at: number): void => {
      const text = textOf(values[at]);
      if (text === undefined) return;
      found.set(text, (found.get(text) ?? 0) + 1);
      all += 1;
    };
    yield* inSlices(values.length, count, many);
    const best = yield* bestOf(found);
    const codeOf = new Map(best.map(([text], place) => [text, place + 1]));
    const counts = best.map(([, times]) => times);
    const codes = new Uint8Array(values.length);
    const put = (at: number): void => {
      const text = textOf(values[at]);
      if (text !== undefined) codes[at] = codeOf.get(text) ?? best.length + 1;
    };
    yield* inSlices(values.length, put, many);
    const others = all - counts.reduce((sum, times) => sum + times, 0);
    return { ordered: false, values: best.map(([text]) => text), counts, others, codes } satisfies Colours as Colours;
  });

/**
 * By point; undefined: it has no such attribute. Numbers are ranges where most values are numbers; of a list its first counts. Made in
 * slices: answers that wait are given in between.
 */
export const coloursOf = (values: Values): Effect.Effect<Colours> =>
  Effect.gen(function* () {
    let [known, numbers] = [0, 0];
    const look = (at: number): void => {
      const value = values[at];
      if (value === undefined) return;
      known += 1;
      if (kindOf(value) === "number") numbers += 1;
    };
    yield* inSlices(values.length, look, many);
    return yield* 2 * numbers > known ? rangesOf(values) : namesOf(values);
  });
