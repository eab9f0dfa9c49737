/** BlendKernel: what a request of the blend adds up and multiplies, in SIMD WebAssembly (assembly/blend.ts). Serves one request at a time. */
import { readFileSync } from "node:fs";
import { artifactPath } from "./Artifact.ts";

interface Exports {
  readonly clear: (keys: number, slots: number) => void;
  readonly add: (
    keys: number,
    sums: number,
    used: number,
    bits: number,
    lists: number,
    lengths: number,
    factors: number,
    items: number,
    roots: number,
  ) => number;
  readonly sumOf: (keys: number, sums: number, bits: number, item: number) => number;
  readonly gather: (
    keys: number,
    sums: number,
    used: number,
    taken: number,
    most: number,
    sample: number,
    items: number,
    into: number,
  ) => number;
  readonly dots: (vectors: number, stride: number, rows: number, count: number, vector: number, into: number) => void;
}

export interface Gathered {
  size: number;
  readonly items: Uint32Array;
  readonly sums: Float64Array;
}

export interface BlendKernel {
  /** Takes over what is new about a row's vector. */
  readonly take: (row: number) => void;
  /** Forgets all lists, and sums. */
  readonly clear: () => void;
  /** Adds factor · root of the entries from `from` to `to` − 1, each item once; no more than there is room for. */
  readonly list: (items: Uint32Array, roots: Float32Array, from: number, to: number, factor: number) => void;
  /** Adds the lists up; answers how many items have a sum. */
  readonly addUp: () => number;
  /** 0 where nothing was added. */
  readonly sumOf: (item: number) => number;
  /** At least the `most` with the largest sums, in no order, or all; until the next call. */
  readonly gather: (most: number) => Gathered;
  /** Rows that are written here, */
  readonly rows: Uint32Array;
  /** a vector of length rank that is written here, */
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
const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

export interface UnitVectors {
  readonly rank: number;
  /** rows × rank, row-major. */
  readonly vectors: Float32Array;
  /** By row, what its vector is multiplied by: `Lengths.ts`. */
  readonly inverse: Float64Array;
}

/** Copies the unit vectors; at most `lists` of `entries` in all are added up at once, at most `mostRows` rows multiplied. */
export const makeBlendKernel = (
  { vectors, inverse, rank }: UnitVectors,
  { lists, entries, mostRows }: { readonly lists: number; readonly entries: number; readonly mostRows: number },
): BlendKernel => {
  const bits = Math.max(6, Math.ceil(Math.log2(2 * entries)));
  const slots = 2 ** bits;
  const width = roundUp(rank, 4);
  const stride = 4 * width;
  const count = inverse.length;
  let size = 0;
  const reserve = (bytes: number): number => {
    const start = size;
    size = roundUp(size + bytes, 64);
    return start;
  };
  const keys = reserve(4 * slots);
  const sums = reserve(8 * slots);
  const used = reserve(4 * entries);
  const lengthsAt = reserve(4 * lists);
  const factorsAt = reserve(8 * lists);
  const itemsAt = reserve(4 * entries);
  const rootsAt = reserve(4 * entries);
  const sampleAt = reserve(8 * 64);
  const gatheredSums = reserve(8 * entries);
  const gatheredItems = reserve(4 * entries);
  const rowsAt = reserve(4 * mostRows);
  const vectorAt = reserve(stride);
  const productsAt = reserve(4 * mostRows);
  const unitsAt = reserve(count * stride);
  const pages = Math.ceil(size / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { buffer } = memory;
  const kernel = instantiate(memory);
  const own = new Float32Array(buffer, unitsAt, count * width);
  const take = (row: number): void => {
    for (let f = 0; f < rank; f++) own[row * width + f] = vectors[row * rank + f] * inverse[row];
  };
  for (let row = 0; row < count; row++) take(row);
  const lengths = new Uint32Array(buffer, lengthsAt, lists);
  const factors = new Float64Array(buffer, factorsAt, lists);
  const listed = new Uint32Array(buffer, itemsAt, entries);
  const rootsOf = new Float32Array(buffer, rootsAt, entries);
  const products = new Float32Array(buffer, productsAt, mostRows);
  const gathered = {
    size: 0,
    items: new Uint32Array(buffer, gatheredItems, entries),
    sums: new Float64Array(buffer, gatheredSums, entries),
  };
  let [list, end, taken] = [0, 0, 0];
  return {
    clear: () => {
      kernel.clear(keys, slots);
      list = 0;
      end = 0;
      taken = 0;
    },
    list: (items, roots, from, to, factor) => {
      listed.set(items.subarray(from, to), end);
      rootsOf.set(roots.subarray(from, to), end);
      end += to - from;
      lengths[list] = to - from;
      factors[list++] = factor;
    },
    addUp: () => {
      taken = kernel.add(keys, sums, used, bits, list, lengthsAt, factorsAt, itemsAt, rootsAt);
      return taken;
    },
    sumOf: (item) => kernel.sumOf(keys, sums, bits, item),
    gather: (most) => {
      gathered.size = kernel.gather(keys, sums, used, taken, most, sampleAt, gatheredItems, gatheredSums);
      return gathered;
    },
    rows: new Uint32Array(buffer, rowsAt, mostRows),
    vector: new Float32Array(buffer, vectorAt, rank),
    take,
    products: (wanted) => {
      kernel.dots(unitsAt, stride, rowsAt, wanted, vectorAt, productsAt);
      return products;
    },
  };
};
