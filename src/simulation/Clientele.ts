/** Clientele: a shop's customers, each with their own taste, and how it drifts. */

import { makeRandom, type Random } from "../kernels/Random.ts";
import { type Alias, makeAlias } from "./Alias.ts";
import { styleLength } from "./Assortment.ts";
import { departments, segments } from "./Departments.ts";
import { colours } from "./Taxonomy.ts";

/** Departments a customer cares for: the one in focus first. */
export const interestWeights: ReadonlyArray<number> = [0.56, 0.14, 0.12, 0.1, 0.08];
const slots = interestWeights.length;
const favourites = 3;
/** Mean days until the focus moves to another interest. */
const focusDays = 25;
/** Mean days until an interest out of focus gives way to a new one. */
const interestDays = 90;
/** Days in which a style loses all but 1/e of what it was. */
const styleDays = 500;

/** Columns by customer. */
export interface Clientele {
  readonly count: number;
  /** Sessions relative to others'; log-normal, so many have few and few have many. */
  readonly activity: Float32Array;
  /** First and last day as a customer. */
  readonly joins: Int32Array;
  readonly leaves: Int32Array;
  readonly segment: Uint8Array;
  /** count × interestWeights.length, departments. */
  readonly interests: Uint16Array;
  /** count × styleLength. */
  readonly style: Float32Array;
  /** count × 3, colours. */
  readonly favourites: Uint8Array;
  /** Probability of buying online. */
  readonly online: Float32Array;
  /** Lets the taste drift for `days`. */
  readonly drift: (customer: number, days: number, random: Random) => void;
  readonly likes: (customer: number, colour: number) => boolean;
}

/** By segment: departments in proportion to the segment's index shares and the department's own, if it has articles. */
const makeInterests = (stocked: (department: number) => boolean): ReadonlyArray<Alias> =>
  segments.map(({ indices }) => {
    const sums = new Map<string, number>();
    for (const { index, share } of departments) sums.set(index.code, (sums.get(index.code) ?? 0) + share);
    return makeAlias(
      departments.map(({ index, share }, d) =>
        stocked(d) ? ((indices[index.code] ?? 0.3) * share) / sums.get(index.code)! : 0,
      ),
    );
  });

export const makeClientele = (options: {
  readonly customers: number;
  readonly days: number;
  readonly seed: number;
  readonly stocked: (department: number) => boolean;
}): Clientele => {
  const { customers: count, days } = options;
  const random = makeRandom(options.seed, "clientele");
  const interestOf = makeInterests(options.stocked);
  const segmentShare = makeAlias(segments.map(({ share }) => share));
  const colourShare = makeAlias(colours.map(({ share }) => share));
  const activity = new Float32Array(count);
  const joins = new Int32Array(count);
  const leaves = new Int32Array(count);
  const segment = new Uint8Array(count);
  const interests = new Uint16Array(count * slots);
  const style = new Float32Array(count * styleLength);
  const favourite = new Uint8Array(count * favourites);
  const online = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    activity[i] = Math.exp(1.15 * random.normal());
    joins[i] = i === 0 || random.chance(0.6) ? 0 : random.below(days);
    leaves[i] = i === 0 || random.chance(0.75) ? days : joins[i]! + random.below(days);
    segment[i] = segmentShare.draw(random);
    for (let k = 0; k < slots; k++) interests[i * slots + k] = interestOf[segment[i]!]!.draw(random);
    for (let k = 0; k < styleLength; k++) style[i * styleLength + k] = random.normal();
    for (let k = 0; k < favourites; k++) favourite[i * favourites + k] = colourShare.draw(random);
    online[i] = random.chance(0.7) ? 0.85 : 0.25;
  }
  return {
    count,
    activity,
    joins,
    leaves,
    segment,
    interests,
    style,
    favourites: favourite,
    online,
    drift: (customer, gap, source) => {
      if (gap <= 0) return;
      const first = customer * slots;
      if (source.uniform() > Math.exp(-gap / interestDays)) {
        interests[first + 1 + source.below(slots - 1)] = interestOf[segment[customer]!]!.draw(source);
      }
      if (source.uniform() > Math.exp(-gap / focusDays)) {
        const other = first + 1 + source.below(slots - 1);
        const focus = interests[first]!;
        interests[first] = interests[other]!;
        interests[other] = focus;
      }
      const kept = Math.exp(-gap / styleDays);
      const fresh = Math.sqrt(1 - kept * kept);
      for (let k = customer * styleLength; k < (customer + 1) * styleLength; k++) {
        style[k] = kept * style[k]! + fresh * source.normal();
      }
    },
    likes: (customer, colour) => {
      const at = customer * favourites;
      return favourite[at] === colour || favourite[at + 1] === colour || favourite[at + 2] === colour;
    },
  };
};
