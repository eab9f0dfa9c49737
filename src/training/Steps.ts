/** Steps: what a training thread does between two messages. Several threads share a step's rows by a common counter. */
import { instantiateAls } from "../kernels/AlsKernel.ts";
import { factorize, invertLower } from "../kernels/Cholesky.ts";
import { balanceOf } from "./Balance.ts";
import { initialize } from "./Initialize.ts";
import type { Side } from "./Layout.ts";
import type { Answer, Step, TrainingThread } from "./Step.ts";

/** Rows claimed at a time: few enough to share evenly, and calls short enough for the engine to optimise the kernel. */
const claimRows = { whiten: 512, solve: 64, transform: 512 };
/** A matrix above this many bytes does not stay in cache, and its rows are touched ahead. */
const cacheBytes = 8 * 1024 * 1024;

export const overflow = "the factors grew beyond what 32-bit floats hold; raise ALS_REGULARIZATION or lower ALS_ALPHA";

export const makeSteps = (training: TrainingThread): ((step: Step) => Answer) => {
  const { memory, layout, regularization, thread } = training;
  const { stride, problem } = layout;
  const { rank } = problem;
  const kernel = instantiateAls(memory);
  const counter = new Int32Array(memory.buffer, layout.counter, 1);
  const doubles = (offset: number, length: number) => new Float64Array(memory.buffer, offset, length);
  const floats = (offset: number, length: number) => new Float32Array(memory.buffer, offset, length);

  /** Calls `work` with ranges of `size` until all threads together have covered `total`. */
  const share = (total: number, size: number, work: (begin: number, end: number) => void): void => {
    for (let begin = Atomics.add(counter, 0, size); begin < total; begin = Atomics.add(counter, 0, size)) {
      work(begin, Math.min(begin + size, total));
    }
  };

  const shareSegments = (side: Side, work: (segment: number, begin: number, end: number) => void): void =>
    share(side.segments, 1, (segment) => {
      const begin = segment * side.segmentRows;
      work(segment, begin, Math.min(begin + side.segmentRows, side.rows));
    });

  const gramian = (side: Side): void =>
    shareSegments(side, (segment, begin, end) => {
      const partial = layout.partials + segment * 8 * rank * rank;
      doubles(partial, rank * rank).fill(0);
      kernel.gramian(side.factors, begin, end, partial, stride);
    });

  /** The kernel sums the upper triangle; both are kept. */
  const sumGramian = (side: Side): Float64Array => {
    const sum = doubles(side.gramian, rank * rank).fill(0);
    for (let segment = 0; segment < side.segments; segment++) {
      const partial = doubles(layout.partials + segment * 8 * rank * rank, rank * rank);
      for (let i = 0; i < rank; i++) for (let j = i; j < rank; j++) sum[i * rank + j]! += partial[i * rank + j]!;
    }
    for (let i = 0; i < rank; i++) for (let j = 0; j < i; j++) sum[i * rank + j] = sum[j * rank + i]!;
    return sum;
  };

  const factorizeGramian = (side: Side): Answer => {
    const lower = Float64Array.from(sumGramian(side));
    for (let f = 0; f < rank; f++) lower[f * rank + f]! += regularization;
    if (!factorize(lower, rank, regularization)) {
      return { problem: overflow };
    }
    const inverse = new Float64Array(rank * rank);
    invertLower(lower, inverse, rank);
    const transposed = floats(layout.inverseTransposed, rank * rank);
    for (let i = 0; i < rank; i++) {
      lower.fill(0, i * rank + i + 1, (i + 1) * rank);
      for (let j = 0; j < rank; j++) transposed[j * rank + i] = inverse[i * rank + j]!;
    }
    floats(layout.factor, rank * rank).set(lower);
    floats(layout.inverse, rank * rank).set(inverse);
    return {};
  };

  const solve = (side: Side, other: Side): void => {
    const ahead = other.rows * stride > cacheBytes ? 1 : 0;
    const scratch = layout.scratch + thread * layout.scratchSize;
    share(side.paddedRows, claimRows.solve, (begin, end) =>
      kernel.solve(
        begin,
        end,
        side.pointers,
        side.indices,
        side.weights,
        side.factors,
        layout.whitened,
        layout.factor,
        layout.inverse,
        scratch,
        layout.packRows,
        training.steps,
        ahead,
        stride,
      ),
    );
  };

  const balance = (): void => {
    const gramianOf = (side: Side) => doubles(side.gramian, rank * rank);
    const { users, items } = balanceOf(gramianOf(layout.users), gramianOf(layout.items), rank);
    floats(layout.factor, rank * rank).set(users);
    floats(layout.inverse, rank * rank).set(items);
  };

  const transform = (side: Side, matrix: number): void =>
    share(side.paddedRows, claimRows.transform, (begin, end) => {
      kernel.transform(side.factors, layout.whitened, begin, end, matrix, stride);
      const [offset, length] = [begin * stride, (end - begin) * rank];
      floats(side.factors + offset, length).set(floats(layout.whitened + offset, length));
    });

  const observedLoss = (): void => {
    const { users, items } = layout;
    shareSegments(users, (segment, begin, end) => {
      doubles(layout.partials, users.segments)[segment] = kernel.observedLoss(
        begin,
        end,
        users.pointers,
        users.indices,
        users.weights,
        users.factors,
        items.factors,
        stride,
      );
    });
  };

  /** Σ over all pairs of (x·y)² is the inner product of the two Gramians; |X|² and |Y|² are their traces. */
  const loss = (): number => {
    const { users, items } = layout;
    const [x, y] = [doubles(users.gramian, rank * rank), doubles(items.gramian, rank * rank)];
    let total = doubles(layout.partials, users.segments).reduce((sum, part) => sum + part, 0);
    for (let i = 0; i < rank * rank; i++) total += x[i]! * y[i]!;
    for (let f = 0; f < rank; f++) total += regularization * (x[f * rank + f]! + y[f * rank + f]!);
    return total;
  };

  return (step) => {
    switch (step.name) {
      case "initialize":
        return initialize(training);
      case "gramian":
        gramian(layout[step.side]);
        return {};
      case "factorize":
        return factorizeGramian(layout[step.side]);
      case "whiten": {
        const side = layout[step.side];
        share(side.paddedRows, claimRows.whiten, (begin, end) =>
          kernel.whiten(side.factors, layout.whitened, begin, end, layout.inverseTransposed, stride),
        );
        return {};
      }
      case "solve":
        solve(layout[step.side], layout[step.side === "users" ? "items" : "users"]);
        return {};
      case "balance":
        balance();
        return {};
      case "transform":
        transform(layout[step.side], step.side === "users" ? layout.factor : layout.inverse);
        return {};
      case "observedLoss":
        observedLoss();
        return {};
      case "loss": {
        const total = loss();
        return Number.isFinite(total) ? { loss: total } : { problem: overflow };
      }
    }
  };
};
