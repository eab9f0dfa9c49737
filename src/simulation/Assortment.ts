/** Assortment: the articles a shop ever sells: what each is, looks like and costs, and when it is sold. */

import { makeRandom, type Random } from "../kernels/Random.ts";
import { makeAlias } from "./Alias.ts";
import { departments } from "./Departments.ts";
import { appearances, colours, type ProductType } from "./Taxonomy.ts";

/** Length of the style vectors of articles and customers. */
export const styleLength = 8;

/** Columns by article, ordered by id. */
export interface Assortment {
  readonly count: number;
  /** The ten digits as a number: product code (six digits) · 1000 + variant. */
  readonly id: Float64Array;
  readonly product: Uint32Array;
  readonly department: Uint16Array;
  /** Index into the department's types. */
  readonly type: Uint8Array;
  readonly colour: Uint8Array;
  readonly appearance: Uint8Array;
  /** count × styleLength, row-major, about standard normal. */
  readonly style: Float32Array;
  /** Demand relative to others of the department; Zipf-like. */
  readonly demand: Float32Array;
  /** First day on sale; negative: before the files begin. */
  readonly launch: Int32Array;
  /** Days until demand has fallen to 1/e; infinite for evergreens. */
  readonly life: Float32Array;
  /** Hundredths of the shop's currency. */
  readonly price: Uint32Array;
}

export const typeOf = (assortment: Assortment, article: number): ProductType =>
  departments[assortment.department[article]!]!.types[assortment.type[article]!]!;

const evergreenShare = 0.35;
const zipf = 0.75;
const firstCode = 108_775;
const lastCode = 959_461;
const mostVariants = 9;

interface Product {
  readonly department: number;
  readonly variants: number;
  readonly launch: number;
  readonly life: number;
}

/** Products in order of launch; the first of each department is an evergreen, so that no department is ever empty. */
const makeProducts = (count: number, days: number, random: Random): ReadonlyArray<Product> => {
  const share = makeAlias(departments.map((department) => department.share));
  const products: Array<Product> = [];
  for (let left = count; left > 0; ) {
    const anchor = products.length < departments.length;
    const variants = anchor ? 1 : Math.min(left, mostVariants, 1 + Math.floor(1.3 * random.exponential()));
    const evergreen = anchor || random.chance(evergreenShare);
    products.push({
      department: anchor ? products.length : share.draw(random),
      variants,
      launch: evergreen ? -1 - random.below(900) : random.below(days + 150) - 150,
      life: evergreen ? Number.POSITIVE_INFINITY : 150 * Math.exp(0.6 * random.normal()),
    });
    left -= variants;
  }
  return products.sort((one, other) => one.launch - other.launch);
};

const priceOf = (type: ProductType, random: Random): number =>
  Math.max(2, Math.round(type.price * Math.exp(0.35 * random.normal()))) * 100 - 1;

export const makeAssortment = (options: {
  readonly articles: number;
  readonly days: number;
  readonly seed: number;
}): Assortment => {
  const count = options.articles;
  const random = makeRandom(options.seed, "assortment");
  const products = makeProducts(count, options.days, random);
  const colourShare = makeAlias(colours.map(({ share }) => share));
  const lookShare = makeAlias(appearances.map(({ share }) => share));
  const lookStyle = Float32Array.from({ length: appearances.length * styleLength }, () => random.normal());
  const assortment: Assortment = {
    count,
    id: new Float64Array(count),
    product: new Uint32Array(count),
    department: new Uint16Array(count),
    type: new Uint8Array(count),
    colour: new Uint8Array(count),
    appearance: new Uint8Array(count),
    style: new Float32Array(count * styleLength),
    demand: new Float32Array(count),
    launch: new Int32Array(count),
    life: new Float32Array(count),
    price: new Uint32Array(count),
  };
  const gap = (lastCode - firstCode) / products.length;
  const style = new Float64Array(styleLength);
  let article = 0;
  products.forEach((product, number) => {
    const code = firstCode + Math.floor(gap * number) + Math.floor(random.uniform() * (gap - 1));
    const department = departments[product.department]!;
    const type = random.below(department.types.length);
    const price = priceOf(department.types[type]!, random);
    const appearance = lookShare.draw(random);
    const demand = (1 - random.uniform()) ** -zipf;
    for (let k = 0; k < styleLength; k++) {
      style[k] = 0.7 * random.normal() + 0.6 * lookStyle[appearance * styleLength + k]!;
    }
    for (let variant = 0; variant < product.variants; variant++, article++) {
      assortment.id[article] = code * 1000 + variant * (1 + (code % 3)) + 1;
      assortment.product[article] = number;
      assortment.department[article] = product.department;
      assortment.type[article] = type;
      assortment.colour[article] = colourShare.draw(random);
      assortment.appearance[article] = appearance;
      assortment.demand[article] = demand * Math.exp(0.4 * random.normal());
      assortment.launch[article] = product.launch;
      assortment.life[article] = product.life;
      assortment.price[article] = price;
      for (let k = 0; k < styleLength; k++) {
        assortment.style[article * styleLength + k] = style[k]! + 0.25 * random.normal();
      }
    }
  });
  return assortment;
};
