/** AttributeMap: what a model learnt of where items lie by what they are; `training/Attributes.ts` fits it and places by it. */

export interface AttributeMap {
  /** By number, each once; the first, of no name, is one that all items have. The others: see `Features.ts`. */
  readonly features: ReadonlyArray<string>;
  /** features × rank, row-major. */
  readonly weights: Float32Array;
}
