/** Coordinates: how the rows of a side are solved for; `Whitened.ts` where all are alike, `Rotated.ts` where not. */
import type { AlsKernel } from "../kernels/AlsKernel.ts";
import type { Side } from "./Layout.ts";
import type { TrainingThread } from "./Step.ts";

export interface Coordinates {
  /** Chooses them by the fixed side's Gramian; false when an entry of it is not finite. */
  readonly choose: (gramian: Float64Array) => boolean;
  /** Writes rows of the fixed side to `Layout.projected`. `begin` and `end` are multiples of 16. */
  readonly project: (fixed: Side, begin: number, end: number) => void;
  /** Improves rows of `side`, the other being fixed. */
  readonly solve: (side: Side, fixed: Side, begin: number, end: number) => void;
}

/** `training` is of the thread that calls. */
export type MakeCoordinates = (training: TrainingThread, kernel: AlsKernel) => Coordinates;

/** A matrix above this many bytes does not stay in cache, and its rows are touched ahead. */
const cacheBytes = 8 * 1024 * 1024;

/** The last arguments of the kernel's two solvers. */
export const solverArguments = (
  { layout, steps, thread }: TrainingThread,
  fixed: Side,
): [scratch: number, packRows: number, steps: number, ahead: number, stride: number] => [
  layout.scratch + thread * layout.scratchSize,
  layout.packRows,
  steps,
  fixed.rows * layout.stride > cacheBytes ? 1 : 0,
  layout.stride,
];
