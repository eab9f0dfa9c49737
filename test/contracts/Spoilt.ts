/** Spoilt: what a failing disk or a foreign hand may leave in a store; each suite shows that it is told, not taken for nothing. */
import type { Effect } from "effect";

/** Spoils what is stored, each in a way of its own; `R` is what the adapter stands on. */
export type Spoil<R> = (model: string) => Effect.Effect<unknown, unknown, R>;

/** Of a model that was loaded with `shopper-0`, whose partition 0 has a position, a trend and, of followers, a snapshot and events. */
export interface SpoiltStates<R> {
  readonly state: ReadonlyArray<Spoil<R>>;
  readonly position: ReadonlyArray<Spoil<R>>;
  readonly trend: ReadonlyArray<Spoil<R>>;
  readonly followers: ReadonlyArray<Spoil<R>>;
  /** What the batch's events weigh per item: of two items. */
  readonly itemTrends: ReadonlyArray<Spoil<R>>;
  /** The list of the model's logs. */
  readonly logs: ReadonlyArray<Spoil<R>>;
  /** Takes the list away, as if version 0.1 had loaded the model. */
  readonly unnamed: Spoil<R>;
  /** The id of index 0. */
  readonly id: ReadonlyArray<Spoil<R>>;
}
