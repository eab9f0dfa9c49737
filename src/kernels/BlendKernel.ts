/** BlendKernel: what a request of the blend adds up and multiplies, in SIMD WebAssembly (assembly/blend.ts). Serves one request at a time. */
import { readFileSync } from "node:fs";
import { artifactPath } from "./Artifact.ts";

interface Exports {
  readonly add: (
    table: number,
    used: number,
    bits: number,
    factor: number,
    stamp: number,
    taken: number,
    list: number,
    weight: number,
  ) => number;
  readonly sumOf: (table: number, bits: number, factor: number, stamp: number, item: number) => number;
  readonly gather: (used: number, taken: number, most: number, sample: number, items: number, into: number) => number;
  readonly putBestFirst: (rows: number, sums: number, count: number, most: number) => void;
  readonly mix: (vectors: number, stride: number, rows: number, weights: number, count: number, vector: number) => void;
  readonly dots: (vectors: number, stride: number, rows: number, count: number, vector: number, into: number) => void;
}

export interface Gathered {
  size: number;
  readonly items: Uint32Array;
  readonly sums: Float64Array;
}

/** Entries `from` to `to` − 1 of `items`, each item once, and of their roots; stays as it is. */
export interface RootList {
  readonly items: Uint32Array;
  readonly roots: Float32Array;
  readonly from: number;
  readonly to: number;
}

export interface BlendKernel {
  /** Takes over what is new about a row's vector. */
  readonly take: (row: number) => void;
  /** Forgets all sums. */
  readonly clear: () => void;
  /** Adds weight · root of a row's list. Quick where it is the same object as the row had the last time. */
  readonly add: (row: number, list: RootList, weight: number) => void;
  /** How many items have a sum. */
  readonly size: () => number;
  /** 0 where nothing was added. */
  readonly sumOf: (item: number) => number;
  /** At least the `most` with the largest sums, in no order, or all; until the next call. */
  readonly gather: (most: number) => Gathered;
  /** Puts the best `most` first, in no order, of so many rows and sums that were written over what was gathered; the smaller row of equals. */
  readonly putBestFirst: (count: number, most: number) => void;
  /** Rows that are written here, */
  readonly rows: Uint32Array;
  /** and weights, one for each: */
  readonly weights: Float32Array;
  /** what the first `count` rows' unit vectors come to, each times its weight; in f32. */
  readonly mix: (count: number) => void;
  /** That vector, of length rank, or one that is written here, */
  readonly vector: Float32Array;
  /** and the inner products of the first `count` rows' unit vectors with it, in f32: the same bits each time. */
  readonly products: (count: number) => Float32Array;
}

let compiled: WebAssembly.Module | undefined;

const instantiate = (memory: WebAssembly.Memory): Exports => {
  compiled ??= new WebAssembly.Module(readFileSync(artifactPath("kernels/blend.wasm")));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Exports;
};

const pageBytes = 65536;
/** Entries of 16 bytes: a quarter of a megabyte, which a processor has near. */
const ownBits = 14;
/** 2³² over the golden ratio: D. E. Knuth, "The Art of Computer Programming" 3, 6.4. */
const golden = 0x9e3779b1;
const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

export interface UnitVectors {
  readonly rank: number;
  /** rows × rank, row-major. */
  readonly vectors: Float32Array;
  /** By row, what its vector is multiplied by: `Lengths.ts`. */
  readonly inverse: Float64Array;
}

export interface Room {
  /** How many items there are: most numbers are below it. */
  readonly items: number;
  /** Lists that are added up at once, at most, */
  readonly lists: number;
  /** and entries of each. */
  readonly entries: number;
  /** Copies of lists that are kept for the next time, each once it is added: 8 bytes per entry that there is room for. */
  readonly kept: number;
  /** Rows that are multiplied at once, at most. */
  readonly mostRows: number;
}

/** Copies the unit vectors. */
export const makeBlendKernel = (
  { vectors, inverse, rank }: UnitVectors,
  { entries: each, items, kept, lists, mostRows }: Room,
): BlendKernel => {
  const entries = lists * each;
  const listBytes = roundUp(8 + 8 * each, 64);
  const least = Math.max(6, Math.ceil(Math.log2(2 * entries)));
  // Where there are few items, each has an entry of its own.
  const isOwn = items <= 2 ** ownBits;
  const bits = isOwn ? Math.max(least, Math.ceil(Math.log2(items + 1))) : least;
  const factor = isOwn ? 2 ** (32 - bits) : golden;
  const width = roundUp(rank, 4);
  const stride = 4 * width;
  const count = inverse.length;
  let size = 0;
  const reserve = (bytes: number): number => {
    const start = size;
    size = roundUp(size + bytes, 64);
    return start;
  };
  const table = reserve(16 * 2 ** bits);
  const used = reserve(4 * (entries + 1));
  const sampleAt = reserve(8 * 64);
  const gatheredSums = reserve(8 * entries);
  const gatheredItems = reserve(4 * entries);
  const rowsAt = reserve(4 * mostRows);
  const weightsAt = reserve(4 * mostRows);
  const vectorAt = reserve(stride);
  const productsAt = reserve(4 * mostRows);
  const unitsAt = reserve(count * stride);
  const keptAt = reserve(listBytes * kept);
  const pages = Math.ceil(size / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { buffer } = memory;
  const kernel = instantiate(memory);
  const own = new Float32Array(buffer, unitsAt, count * width);
  const take = (row: number): void => {
    for (let f = 0; f < rank; f++) own[row * width + f] = vectors[row * rank + f] * inverse[row];
  };
  for (let row = 0; row < count; row++) take(row);
  const stamps = new Uint32Array(buffer, table, 4 * 2 ** bits);
  const listWords = listBytes / 4;
  const keptItems = new Uint32Array(buffer, keptAt, listWords * kept);
  const keptRoots = new Float32Array(buffer, keptAt, listWords * kept);
  const products = new Float32Array(buffer, productsAt, mostRows);
  const gathered = {
    size: 0,
    items: new Uint32Array(buffer, gatheredItems, entries),
    sums: new Float64Array(buffer, gatheredSums, entries),
  };
  /** By place: the list that a copy is of; and by row, the place of its last one. */
  const held = new Array<RootList | undefined>(kept).fill(undefined);
  const placeOf = new Uint32Array(count);
  let [next, stamp, taken] = [0, 1, 0];

  /** Copies a list to the place that was written the longest ago. */
  const keep = (row: number, list: RootList): number => {
    const { from, items, roots, to } = list;
    const place = next;
    const start = listWords * place;
    keptItems[start] = to - from;
    for (let at = from, into = start + 2; at < to; at++, into += 2) {
      keptItems[into] = items[at];
      keptRoots[into + 1] = roots[at];
    }
    held[place] = list;
    placeOf[row] = place;
    next = (next + 1) % kept;
    return place;
  };

  return {
    clear: () => {
      taken = 0;
      if (stamp === 2 ** 31 - 1) {
        stamps.fill(0);
        stamp = 0;
      }
      stamp++;
    },
    add: (row, list, weight) => {
      let place = placeOf[row];
      if (held[place] !== list) place = keep(row, list);
      taken = kernel.add(table, used, bits, factor, stamp, taken, keptAt + listBytes * place, weight);
    },
    size: () => taken,
    sumOf: (item) => kernel.sumOf(table, bits, factor, stamp, item),
    gather: (most) => {
      gathered.size = kernel.gather(used, taken, most, sampleAt, gatheredItems, gatheredSums);
      return gathered;
    },
    putBestFirst: (count, most) => kernel.putBestFirst(gatheredItems, gatheredSums, count, most),
    rows: new Uint32Array(buffer, rowsAt, mostRows),
    weights: new Float32Array(buffer, weightsAt, mostRows),
    mix: (wanted) => kernel.mix(unitsAt, stride, rowsAt, weightsAt, wanted, vectorAt),
    vector: new Float32Array(buffer, vectorAt, rank),
    take,
    products: (wanted) => {
      kernel.dots(unitsAt, stride, rowsAt, wanted, vectorAt, productsAt);
      return products;
    },
  };
};
