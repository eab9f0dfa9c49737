/** Rotated: coordinates in which the Gramian, all that rows of different penalties share, is diagonal: G = Q S Qᵀ. */
import { decompose } from "../kernels/Eigen.ts";
import { type MakeCoordinates, solverArguments } from "./Coordinates.ts";

export const rotated: MakeCoordinates = (training, kernel) => {
  const { layout, memory, parameters } = training;
  const { rank, unobservedExponent = 0 } = parameters;
  const { projected, stride } = layout;
  const [vectors, transposed, values] = layout.matrices;
  const floats = (offset: number, length: number) => new Float32Array(memory.buffer, offset, length);
  return {
    choose: (gramian) => {
      const found = decompose(gramian, rank);
      if (found === undefined) return false;
      const columns = floats(vectors, rank * rank);
      for (let i = 0; i < rank; i++) {
        for (let f = 0; f < rank; f++) columns[f * rank + i] = found.vectors[i * rank + f]!;
      }
      floats(transposed, rank * rank).set(found.vectors);
      floats(values, rank).set(found.values);
      return true;
    },
    project: (fixed, begin, end) => kernel.transform(fixed.factors, projected, begin, end, vectors, stride),
    solve: ({ pointers, indices, weights, factors, penalties, bases }, fixed, begin, end) =>
      kernel.solveRotated(
        begin,
        end,
        pointers,
        indices,
        weights,
        factors,
        projected,
        vectors,
        transposed,
        values,
        penalties,
        bases,
        unobservedExponent === 0 ? 0 : fixed.bases,
        ...solverArguments(training, fixed),
      ),
  };
};
