/** Step: what a training thread is given at its start, is told by a message, and answers. */
import type { Layout } from "./Layout.ts";

export type SideName = "users" | "items";

/** A step of the method, in the order of one half-iteration; `side` is the one whose factors are read or solved for. */
export type Step =
  /** One thread: checks and weighs the interactions, transposes them, draws the first item factors. */
  | { readonly name: "initialize" }
  | { readonly name: "gramian"; readonly side: SideName }
  /** One thread: sums the segments of the Gramian, factorises G + λI. */
  | { readonly name: "factorize"; readonly side: SideName }
  | { readonly name: "whiten"; readonly side: SideName }
  | { readonly name: "solve"; readonly side: SideName }
  /** One thread: from the Gramians, the matrices that balance the two sides. */
  | { readonly name: "balance" }
  | { readonly name: "transform"; readonly side: SideName }
  | { readonly name: "observedLoss" }
  /** One thread: answers the loss. */
  | { readonly name: "loss" };

export interface Answer {
  readonly loss?: number;
  /** Why training cannot go on. */
  readonly problem?: string;
}

export interface TrainingThread {
  readonly thread: number;
  readonly memory: WebAssembly.Memory;
  readonly layout: Layout;
  readonly regularization: number;
  readonly alpha: number;
  readonly seed: number;
  /** Conjugate gradient steps per row. */
  readonly steps: number;
}
