/**
 * TopK: exact maximum inner product search over all rows, in SIMD WebAssembly (assembly/topk.ts).
 *
 * score(q, y) = Σ_f q_f · y_f in f32.
 */
import { readFileSync } from "node:fs";
import { artifactPath } from "./Artifact.ts";
import { quantizeQuery, quantizeRows } from "./Quantize.ts";

/** Most results of one search. */
export const maxResults = 1000;

export interface Hits {
  /** Best first; of equal scores the smaller row first. */
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

export interface Scan {
  readonly rows: number;
  /** Of its memory. */
  readonly bytes: number;
  readonly rank: number;
  /**
   * The best `k` (at most `maxResults`) rows of those with `allowed[row] ≠ 0`; all rows when `allowed` is absent.
   * `query` has length rank. Rows whose score is NaN or −∞ are left out, and those that score no more than `least`, as f32.
   */
  readonly search: (query: Float32Array, k: number, allowed?: Uint8Array, least?: number) => Hits;
}

interface Kernel {
  readonly search: (
    vectors: number,
    stride: number,
    codes: number,
    codeStride: number,
    scales: number,
    margins: number,
    rows: number,
    query: number,
    queryCodes: number,
    queryScale: number,
    queryNorm: number,
    k: number,
    mask: number,
    heap: number,
    least: number,
    list: number,
    most: number,
  ) => void;
}

let compiled: WebAssembly.Module | undefined;

const instantiate = (memory: WebAssembly.Memory): Kernel => {
  compiled ??= new WebAssembly.Module(readFileSync(artifactPath("kernels/topk.wasm")));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
};

/** Of so many rows, one: fewer are scored one by one. And room for the last sixteen. */
const fewOf = (rows: number): number => 16 + Math.floor(rows / 16);

const pageBytes = 65536;
const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Copies `vectors` (rows × rank, row-major) into a memory of its own, 1.3 times their size, and makes it searchable. */
export const makeScan = (source: {
  readonly vectors: Float32Array;
  readonly rows: number;
  readonly rank: number;
}): Scan => {
  const { vectors, rows, rank } = source;
  const width = roundUp(rank, 4);
  const stride = 4 * width;
  const codeStride = roundUp(rank, 16);
  const paddedRows = roundUp(rows, 4);

  let size = 0;
  const reserve = (bytes: number): number => {
    const start = size;
    size = roundUp(size + bytes, 16);
    return start;
  };
  const own = reserve(paddedRows * stride);
  const codes = reserve(paddedRows * codeStride);
  const scales = reserve(paddedRows * 4);
  const margins = reserve(paddedRows * 4);
  const queryAt = reserve(stride);
  const queryCodes = reserve(2 * codeStride);
  const mask = reserve(paddedRows);
  const heap = reserve(maxResults * 8);
  const few = fewOf(rows);
  const list = reserve(few * 4);

  const pages = Math.ceil(size / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { buffer } = memory;
  const kernel = instantiate(memory);
  const floats = new Float32Array(buffer, own, paddedRows * width);
  const ownQuery = new Float32Array(buffer, queryAt, rank);
  const ownQueryCodes = new Int16Array(buffer, queryCodes, rank);
  const ownMask = new Uint8Array(buffer, mask, rows);

  if (width === rank) floats.set(vectors.subarray(0, rows * rank));
  else for (let row = 0; row < rows; row++) floats.set(vectors.subarray(row * rank, (row + 1) * rank), row * width);
  quantizeRows(
    floats,
    { rows, width, rank, codeWidth: codeStride },
    {
      codes: new Int8Array(buffer, codes, paddedRows * codeStride),
      scales: new Float32Array(buffer, scales, paddedRows),
      margins: new Float32Array(buffer, margins, paddedRows),
    },
  );

  return {
    rows,
    rank,
    bytes: buffer.byteLength,
    search: (query, wanted, allowed, least = Number.NEGATIVE_INFINITY) => {
      const k = Math.max(0, Math.min(Math.floor(wanted), rows, maxResults));
      if (k === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) };
      ownQuery.set(query.subarray(0, rank));
      const { scale, norm } = quantizeQuery(ownQuery, ownQueryCodes);
      if (allowed === undefined) ownMask.fill(1);
      else ownMask.set(allowed.subarray(0, rows));
      kernel.search(
        own,
        stride,
        codes,
        codeStride,
        scales,
        margins,
        paddedRows,
        queryAt,
        queryCodes,
        scale,
        norm,
        k,
        mask,
        heap,
        least,
        list,
        few,
      );
      const found = new Uint32Array(buffer, heap + 4 * k, k);
      const none = found.indexOf(0xffff_ffff);
      const count = none < 0 ? k : none;
      return { rows: found.slice(0, count), scores: new Float32Array(buffer, heap, count).slice() };
    },
  };
};
