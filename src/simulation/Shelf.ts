/** Shelf: what is on sale on one day, and how much it is in demand. */

import type { Random } from "../kernels/Random.ts";
import type { Assortment } from "./Assortment.ts";
import { typeOf } from "./Assortment.ts";
import { departments } from "./Departments.ts";
import type { Season } from "./Taxonomy.ts";

const rampDays = 10;

/** Demand of a season's type on a day of the year (0 … 364), relative to its yearly middle. */
export const seasonFactor = (season: Season, dayOfYear: number): number =>
  Math.exp(season.swing * Math.cos((2 * Math.PI * (dayOfYear - season.peak)) / 365));

/** 0 before the launch, rising within days to 1, then fading; 0 once it is sold out. */
export const lifecycle = (launch: number, life: number, day: number): number => {
  const age = day - launch;
  if (age < 0) return 0;
  const faded = life === Number.POSITIVE_INFINITY ? 1 : Math.exp(-age / life);
  return faded < 0.05 ? 0 : Math.min(1, (age + 1) / rampDays) * faded;
};

export interface Shelf {
  /** Sets the shelf for a day. */
  readonly stock: (day: number, dayOfYear: number) => void;
  /** An article of the department, in proportion to its demand on the day. */
  readonly draw: (department: number, random: Random) => number;
  /** By department: the day's demand relative to the same shelf out of season. 0: nothing on sale. */
  readonly season: Float64Array;
  /** True for an article on sale on the day. */
  readonly sells: (article: number) => boolean;
}

export const makeShelf = (assortment: Assortment): Shelf => {
  const { count, department, demand, launch, life, product } = assortment;
  const starts = new Uint32Array(departments.length + 1);
  for (let i = 0; i < count; i++) starts[department[i]! + 1]!++;
  for (let d = 0; d < departments.length; d++) starts[d + 1] = starts[d]! + starts[d + 1]!;
  const order = new Uint32Array(count);
  const cursor = starts.slice();
  for (let i = 0; i < count; i++) order[cursor[department[i]!]!++] = i;
  const types = [...new Set(departments.flatMap((d) => d.types))];
  const typeNumber = new Map(types.map((type, i) => [type, i]));
  const typeOfArticle = Uint8Array.from({ length: count }, (_, i) => typeNumber.get(typeOf(assortment, i))!);
  const factor = new Float64Array(types.length);
  const cumulative = new Float64Array(count);
  const season = new Float64Array(departments.length);
  // A department's share of the demand, cut into equal parts, a power of two: by part, the first article that reaches into it.
  const guides = departments.map(
    (_, d) => new Uint32Array(2 ** Math.floor(Math.log2(starts[d + 1]! - starts[d]! + 1))),
  );
  let today = 0;
  return {
    season,
    stock: (day, dayOfYear) => {
      today = day;
      types.forEach((type, i) => {
        factor[i] = seasonFactor(type.season, dayOfYear);
      });
      for (let d = 0; d < departments.length; d++) {
        let plain = 0;
        let sum = 0;
        let before = -1;
        let stage = 0;
        for (let at = starts[d]!; at < starts[d + 1]!; at++) {
          const i = order[at]!;
          // Colours of a product follow one another, and are launched together.
          if (product[i] !== before) stage = lifecycle(launch[i]!, life[i]!, day);
          before = product[i]!;
          const weight = demand[i]! * stage;
          plain += weight;
          sum += weight * factor[typeOfArticle[i]!]!;
          cumulative[at] = sum;
        }
        season[d] = plain === 0 ? 0 : sum / plain;
        const guide = guides[d]!;
        let at = starts[d]!;
        for (let part = 0; part < guide.length; part++) {
          const from = (part / guide.length) * sum;
          while (at < starts[d + 1]! - 1 && cumulative[at]! <= from) at++;
          guide[part] = at;
        }
      }
    },
    draw: (d, random) => {
      const last = starts[d + 1]! - 1;
      const share = random.uniform();
      const target = share * cumulative[last]!;
      const guide = guides[d]!;
      let at = guide[Math.floor(share * guide.length)]!;
      while (at < last && cumulative[at]! <= target) at++;
      return order[at]!;
    },
    sells: (article) => lifecycle(launch[article]!, life[article]!, today) > 0,
  };
};
