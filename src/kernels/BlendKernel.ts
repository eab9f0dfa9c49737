/** BlendKernel: what a request of the blend adds up and multiplies, in SIMD WebAssembly (assembly/blend.ts). Serves one request at a time. */
import { readFileSync } from "node:fs";
import { artifactPath } from "./Artifact.ts";
import { type RequestSums, reserveSums, type SumExports, type SumRoom } from "./RequestSums.ts";

interface Exports extends SumExports {
  readonly mix: (vectors: number, stride: number, rows: number, weights: number, count: number, vector: number) => void;
  readonly dots: (vectors: number, stride: number, rows: number, count: number, vector: number, into: number) => void;
}

export interface BlendKernel extends RequestSums {
  /** Takes over what is new about a row's vector. */
  readonly take: (row: number) => void;
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
const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

export interface UnitVectors {
  readonly rank: number;
  /** rows × rank, row-major. */
  readonly vectors: Float32Array;
  /** By row, what its vector is multiplied by: `Lengths.ts`. */
  readonly inverse: Float64Array;
}

export interface Room extends SumRoom {
  /** Rows that are multiplied at once, at most. */
  readonly mostRows: number;
}

/** Copies the unit vectors. */
export const makeBlendKernel = ({ vectors, inverse, rank }: UnitVectors, room: Room): BlendKernel => {
  const { mostRows } = room;
  const width = roundUp(rank, 4);
  const stride = 4 * width;
  const count = inverse.length;
  let size = 0;
  const reserve = (bytes: number): number => {
    const start = size;
    size = roundUp(size + bytes, 64);
    return start;
  };
  const sumsIn = reserveSums(room, reserve);
  const rowsAt = reserve(4 * mostRows);
  const weightsAt = reserve(4 * mostRows);
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
  const products = new Float32Array(buffer, productsAt, mostRows);

  return {
    ...sumsIn(kernel, buffer, count),
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
