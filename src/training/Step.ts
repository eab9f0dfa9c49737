/** Step: what a training thread is given at its start, is told by a message, and answers. */
import type { ModelParameters } from "../domain/Model.ts";
import type { Layout } from "./Layout.ts";

export type SideName = "users" | "items";

/** A step of the method, in the order of one half-iteration; `side` is the one whose factors are read or solved for. */
export type Step =
  /** One thread: checks and weighs the interactions, transposes them, draws the first item factors. */
  | { readonly name: "initialize" }
  /** Rows weigh what their unobserved pairs do, or their penalties. */
  | { readonly name: "gramian"; readonly side: SideName; readonly by: "bases" | "penalties" }
  /** One thread: sums the segments of the Gramian. */
  | { readonly name: "sum"; readonly side: SideName }
  /** One thread: from the Gramian, the coordinates in which rows of the other side are solved for. */
  | { readonly name: "factorize"; readonly side: SideName }
  | { readonly name: "project"; readonly side: SideName }
  | { readonly name: "solve"; readonly side: SideName }
  /** One thread: from the Gramians, weighted by penalties, the matrices that balance the two sides. */
  | { readonly name: "balance" }
  | { readonly name: "transform"; readonly side: SideName }
  /** What observed pairs add to the loss, and penalties that are not all alike. */
  | { readonly name: "partialLoss" }
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
  readonly parameters: ModelParameters;
  /** Conjugate gradient steps per row. */
  readonly steps: number;
}
