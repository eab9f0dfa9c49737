/** Whitened: coordinates in which what is common to all rows, G + λI = L Lᵀ, is the identity. */
import { factorize, invertLower } from "../kernels/Cholesky.ts";
import { type MakeCoordinates, solverArguments } from "./Coordinates.ts";

export const whitened: MakeCoordinates = (training, kernel) => {
  const { layout, memory, parameters } = training;
  const { rank, regularization } = parameters;
  const { projected, stride } = layout;
  const [factor, inverse, inverseTransposed] = layout.matrices;
  const matrix = (offset: number) => new Float32Array(memory.buffer, offset, rank * rank);
  return {
    choose: (gramian) => {
      const lower = Float64Array.from(gramian);
      for (let f = 0; f < rank; f++) lower[f * rank + f]! += regularization;
      if (!factorize(lower, rank, regularization)) return false;
      const inverted = new Float64Array(rank * rank);
      invertLower(lower, inverted, rank);
      const transposed = matrix(inverseTransposed);
      for (let i = 0; i < rank; i++) {
        lower.fill(0, i * rank + i + 1, (i + 1) * rank);
        for (let j = 0; j < rank; j++) transposed[j * rank + i] = inverted[i * rank + j]!;
      }
      matrix(factor).set(lower);
      matrix(inverse).set(inverted);
      return true;
    },
    project: (fixed, begin, end) => kernel.whiten(fixed.factors, projected, begin, end, inverseTransposed, stride),
    solve: ({ pointers, indices, weights, factors }, fixed, begin, end) =>
      kernel.solve(
        begin,
        end,
        pointers,
        indices,
        weights,
        factors,
        projected,
        factor,
        inverse,
        ...solverArguments(training, fixed),
      ),
  };
};
