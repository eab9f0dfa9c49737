/** Shelf: what is on sale on one day, and how much it is in demand. */
import type { Assortment } from "./Assortment.ts";
import { typeOf } from "./Assortment.ts";
import { departments } from "./Departments.ts";
import type { Random } from "./Random.ts";
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
  const { count, department, demand, launch, life } = assortment;
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
        for (let at = starts[d]!; at < starts[d + 1]!; at++) {
          const i = order[at]!;
          const weight = demand[i]! * lifecycle(launch[i]!, life[i]!, day);
          plain += weight;
          sum += weight * factor[typeOfArticle[i]!]!;
          cumulative[at] = sum;
        }
        season[d] = plain === 0 ? 0 : sum / plain;
      }
    },
    draw: (d, random) => {
      let low = starts[d]!;
      let high = starts[d + 1]! - 1;
      const target = random.uniform() * cumulative[high]!;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (cumulative[middle]! > target) high = middle;
        else low = middle + 1;
      }
      return order[low]!;
    },
    sells: (article) => lifecycle(launch[article]!, life[article]!, today) > 0,
  };
};
