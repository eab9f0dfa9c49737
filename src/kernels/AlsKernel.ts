/** AlsKernel: the functions of assembly/als.ts, over one shared memory. All addresses and strides are in bytes. */
import { readFileSync } from "node:fs";
import { artifactPath } from "./Artifact.ts";

export interface AlsKernel {
  readonly whiten: (source: number, target: number, begin: number, end: number, matrix: number, stride: number) => void;
  readonly transform: AlsKernel["whiten"];
  readonly gramian: (source: number, begin: number, end: number, total: number, stride: number) => void;
  readonly weightedGramian: (
    source: number,
    rowWeights: number,
    begin: number,
    end: number,
    total: number,
    stride: number,
  ) => void;
  readonly solve: (
    begin: number,
    end: number,
    pointers: number,
    indices: number,
    weights: number,
    x: number,
    whitened: number,
    factor: number,
    inverse: number,
    scratch: number,
    packRows: number,
    steps: number,
    ahead: number,
    stride: number,
  ) => void;
  readonly solveRotated: (
    begin: number,
    end: number,
    pointers: number,
    indices: number,
    weights: number,
    x: number,
    rotated: number,
    vectors: number,
    transposed: number,
    values: number,
    penalties: number,
    ownBases: number,
    bases: number,
    scratch: number,
    packRows: number,
    steps: number,
    ahead: number,
    stride: number,
  ) => void;
  readonly penalty: (begin: number, end: number, x: number, penalties: number, stride: number) => number;
  readonly observedLoss: (
    begin: number,
    end: number,
    pointers: number,
    indices: number,
    weights: number,
    x: number,
    y: number,
    stride: number,
  ) => number;
  readonly weightedObservedLoss: (
    begin: number,
    end: number,
    pointers: number,
    indices: number,
    weights: number,
    bases: number,
    x: number,
    y: number,
    stride: number,
  ) => number;
}

/** Rows of matrices come in groups of this many, zero-padded. */
export const groupRows = 16;

/** Bytes that `solve` and `solveRotated` need for each thread. */
export const solveScratchBytes = (stride: number, packRows: number): number =>
  64 + (packRows + 4) * 4 + (packRows + 4 + 5 + groupRows) * stride;

export const instantiateAls = (memory: WebAssembly.Memory): AlsKernel => {
  const module = new WebAssembly.Module(readFileSync(artifactPath("kernels/als.wasm")));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as AlsKernel;
};
