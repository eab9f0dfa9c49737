/** Layout: where everything lies in the memory that the training threads share. Offsets and sizes are in bytes. */
import { groupRows, solveScratchBytes } from "../kernels/AlsKernel.ts";

export interface Problem {
  readonly users: number;
  readonly items: number;
  readonly pairs: number;
  readonly rank: number;
  readonly threads: number;
}

/** One side of the bipartite graph: its factors and its interactions (CSR over the other side's rows). */
export interface Side {
  readonly rows: number;
  /** `rows` rounded up to whole groups. */
  readonly paddedRows: number;
  readonly factors: number;
  readonly pointers: number;
  readonly indices: number;
  readonly weights: number;
  /** By row, f32: its penalty λ, and the weight b of its unobserved pairs. */
  readonly penalties: number;
  readonly bases: number;
  /** Σ over rows of the factors' outer products, f64. */
  readonly gramian: number;
  /** Rows of one segment: sums are taken per segment, then over segments in order, whoever computed them. */
  readonly segmentRows: number;
  readonly segments: number;
}

export interface Layout {
  readonly problem: Problem;
  readonly stride: number;
  readonly users: Side;
  readonly items: Side;
  /** Factors of whichever side is fixed, in the coordinates in which rows are solved for. */
  readonly projected: number;
  /** Matrices, f32: `Whitened.ts`, `Rotated.ts` and the step "balance" say what they hold. */
  readonly matrices: readonly [number, number, number];
  /** A Gramian (f64) or a loss per segment. */
  readonly partials: number;
  /** Next row or segment to be worked on, i32. */
  readonly counter: number;
  readonly packRows: number;
  readonly scratch: number;
  readonly scratchSize: number;
  readonly size: number;
}

/** Gathered rows of one user stay in the second-level cache. */
const packBytes = 512 * 1024;
const mostSegments = 64;
const leastSegmentRows = 256;
const alignment = 64;

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

export const layoutOf = (problem: Problem): Layout => {
  const { pairs, rank, threads } = problem;
  const stride = 4 * rank;
  let size = 0;
  const reserve = (bytes: number): number => {
    const start = size;
    size = roundUp(size + bytes, alignment);
    return start;
  };
  const side = (rows: number): Side => {
    const paddedRows = roundUp(rows, groupRows);
    const segmentRows = Math.max(leastSegmentRows, roundUp(Math.ceil(rows / mostSegments), leastSegmentRows));
    return {
      rows,
      paddedRows,
      segmentRows,
      segments: Math.ceil(rows / segmentRows),
      factors: reserve(paddedRows * stride),
      pointers: reserve(4 * (paddedRows + 1)),
      indices: reserve(4 * pairs),
      weights: reserve(4 * pairs),
      penalties: reserve(4 * paddedRows),
      bases: reserve(4 * paddedRows),
      gramian: reserve(8 * rank * rank),
    };
  };
  const counter = reserve(4);
  const users = side(problem.users);
  const items = side(problem.items);
  const packRows = Math.floor(packBytes / stride);
  const scratchSize = roundUp(solveScratchBytes(stride, packRows), alignment);
  return {
    problem,
    stride,
    users,
    items,
    counter,
    projected: reserve(Math.max(users.paddedRows, items.paddedRows) * stride),
    matrices: [reserve(rank * stride), reserve(rank * stride), reserve(rank * stride)],
    partials: reserve(Math.max(users.segments, items.segments) * 8 * rank * rank),
    packRows,
    scratchSize,
    scratch: reserve(threads * scratchSize),
    size,
  };
};
