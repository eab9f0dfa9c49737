/** Reading: which rows of the raw tables a run of preprocess reads, and whether they add up with what was read before. */
import { Effect, type Scope } from "effect";
import {
  BatchSteps,
  type BatchStepsFailure,
  type InteractionTables,
  nothingRead,
  type Reading,
  type RowsRead,
} from "../ports/BatchSteps.ts";
import type { Carried, RowCounts } from "./Carried.ts";

export interface Begun extends Reading {
  /** What the rows are added to. */
  readonly carried: Carried | undefined;
}

/** Reads what is new, where the rest can be carried on and all rows are one or the other; else everything. */
export const beginReading = (
  sources: InteractionTables,
  found: Carried | undefined,
): Effect.Effect<Begun, BatchStepsFailure, BatchSteps | Scope.Scope> =>
  Effect.gen(function* () {
    const steps = yield* BatchSteps;
    const reading = yield* steps.read(sources, found?.before ?? nothingRead);
    const adds = (table: { rows: number } | undefined, before: number, now: RowsRead): boolean =>
      before + now.rows === (table?.rows ?? 0);
    if (
      found !== undefined &&
      (reading.withoutArrival ||
        !adds(sources.transactions, found.counts.transactions, reading.transactions) ||
        !adds(sources.events, found.counts.events, reading.events))
    ) {
      return yield* beginReading(sources, undefined);
    }
    return { ...reading, carried: found };
  });

/** What all rows were, read now or before. */
export const totalOf = ({ carried, transactions, events }: Begun, repeated: number): RowCounts => ({
  transactions: (carried?.counts.transactions ?? 0) + transactions.rows,
  events: (carried?.counts.events ?? 0) + events.rows,
  repeated: (carried?.counts.repeated ?? 0) + repeated,
  badTime: (carried?.counts.badTime ?? 0) + transactions.bad + events.bad,
  unknownType: (carried?.counts.unknownType ?? 0) + transactions.unknown + events.unknown,
  undecided: (carried?.counts.undecided ?? 0) + transactions.undecided + events.undecided,
});
