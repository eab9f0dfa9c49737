/** Steps: what a training thread does between two messages. Several threads share a step's rows by a common counter. */
import { instantiateAls } from "../kernels/AlsKernel.ts";
import { balanceOf } from "./Balance.ts";
import { initialize } from "./Initialize.ts";
import type { Side } from "./Layout.ts";
import { rotated } from "./Rotated.ts";
import { areUniform } from "./RowWeights.ts";
import type { Answer, SideName, Step, TrainingThread } from "./Step.ts";
import { whitened } from "./Whitened.ts";

/** Rows claimed at a time: few enough to share evenly, and calls short enough for the engine to optimise the kernel. */
const claimRows = { project: 512, solve: 64, transform: 512 };

export const overflow = "the factors grew beyond what 32-bit floats hold; raise ALS_REGULARIZATION or lower ALS_ALPHA";

export const makeSteps = (training: TrainingThread): ((step: Step) => Answer) => {
  const { memory, layout, parameters } = training;
  const { stride } = layout;
  const { rank, regularization, unobservedExponent = 0 } = parameters;
  const kernel = instantiateAls(memory);
  const uniform = areUniform(parameters);
  const coordinates = (uniform ? whitened : rotated)(training, kernel);
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

  /** What the rows of a side weigh in its Gramian; 0: 1 each. */
  const rowWeights = (name: SideName, by: "bases" | "penalties"): number => {
    if (by === "penalties") return uniform ? 0 : layout[name].penalties;
    return name === "items" && unobservedExponent !== 0 ? layout.items.bases : 0;
  };

  const gramian = (side: Side, weights: number): void =>
    shareSegments(side, (segment, begin, end) => {
      const partial = layout.partials + segment * 8 * rank * rank;
      doubles(partial, rank * rank).fill(0);
      if (weights === 0) kernel.gramian(side.factors, begin, end, partial, stride);
      else kernel.weightedGramian(side.factors, weights, begin, end, partial, stride);
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

  const balance = (): void => {
    const gramianOf = (side: Side) => doubles(side.gramian, rank * rank);
    const { users, items } = balanceOf(gramianOf(layout.users), gramianOf(layout.items), rank);
    floats(layout.matrices[0], rank * rank).set(users);
    floats(layout.matrices[1], rank * rank).set(items);
  };

  const transform = (side: Side, matrix: number): void =>
    share(side.paddedRows, claimRows.transform, (begin, end) => {
      kernel.transform(side.factors, layout.projected, begin, end, matrix, stride);
      const [offset, length] = [begin * stride, (end - begin) * rank];
      floats(side.factors + offset, length).set(floats(layout.projected + offset, length));
    });

  /** By segment of users and, where rows differ in their penalties, then of items. */
  const partialLoss = (): void => {
    const { users, items } = layout;
    const bases = rowWeights("items", "bases");
    const losses = doubles(layout.partials, users.segments + items.segments);
    share(users.segments + (uniform ? 0 : items.segments), 1, (at) => {
      const [side, segment] = at < users.segments ? [users, at] : [items, at - users.segments];
      const { pointers, indices, weights, factors, penalties } = side;
      const begin = segment * side.segmentRows;
      const end = Math.min(begin + side.segmentRows, side.rows);
      let loss = uniform ? 0 : kernel.penalty(begin, end, factors, penalties, stride);
      if (side === users) {
        const interactions = [begin, end, pointers, indices, weights] as const;
        const vectors = [factors, items.factors, stride] as const;
        loss +=
          bases === 0
            ? kernel.observedLoss(...interactions, ...vectors)
            : kernel.weightedObservedLoss(...interactions, bases, ...vectors);
      }
      losses[at] = loss;
    });
  };

  /** Σ over all pairs of b(x·y)² is the inner product of the two Gramians; |X|² and |Y|² are their traces. */
  const loss = (): number => {
    const { users, items } = layout;
    const [x, y] = [doubles(users.gramian, rank * rank), doubles(items.gramian, rank * rank)];
    const parts = users.segments + (uniform ? 0 : items.segments);
    let total = doubles(layout.partials, parts).reduce((sum, part) => sum + part, 0);
    for (let i = 0; i < rank * rank; i++) total += x[i]! * y[i]!;
    if (!uniform) return total;
    for (let f = 0; f < rank; f++) total += regularization * (x[f * rank + f]! + y[f * rank + f]!);
    return total;
  };

  return (step) => {
    switch (step.name) {
      case "initialize":
        return initialize(training);
      case "gramian":
        gramian(layout[step.side], rowWeights(step.side, step.by));
        return {};
      case "sum":
        sumGramian(layout[step.side]);
        return {};
      case "factorize":
        return coordinates.choose(sumGramian(layout[step.side])) ? {} : { problem: overflow };
      case "project": {
        const side = layout[step.side];
        share(side.paddedRows, claimRows.project, (begin, end) => coordinates.project(side, begin, end));
        return {};
      }
      case "solve": {
        const [side, fixed] = [layout[step.side], layout[step.side === "users" ? "items" : "users"]];
        share(side.paddedRows, claimRows.solve, (begin, end) => coordinates.solve(side, fixed, begin, end));
        return {};
      }
      case "balance":
        balance();
        return {};
      case "transform":
        transform(layout[step.side], layout.matrices[step.side === "users" ? 0 : 1]);
        return {};
      case "partialLoss":
        partialLoss();
        return {};
      case "loss": {
        const total = loss();
        return Number.isFinite(total) ? { loss: total } : { problem: overflow };
      }
    }
  };
};
