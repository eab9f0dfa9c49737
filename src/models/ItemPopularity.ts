/**
 * ItemPopularity: the batch's part of popularity (`learning/Popularity.ts`): each item's share as of the newest event, what all
 * events weigh together then, and the half-life.
 *
 * Events are the interactions that preprocess kept (user_history). Shares add up to 1, or are all 0 where there is no event.
 */
import { Effect, Stream } from "effect";
import { versionOf } from "../datasets/TrainingData.ts";
import type { ColumnBatch } from "../domain/Columns.ts";
import { type TrainingSnapshot, trainedTypes } from "../domain/Model.ts";
import { itemPopularity } from "../domain/ModelTables.ts";
import { userHistory } from "../domain/TableSchemas.ts";
import { gainOf, halfLifeOf, hourOf, silencesAfter } from "../learning/Popularity.ts";
import { Tables } from "../ports/Tables.ts";

export interface Popularities {
  readonly halfLifeSeconds: number;
  /** By item index. */
  readonly shares: Float64Array;
  /** What all events weigh as of `popularityAsOf`, the newest one's time (unix seconds); both 0 without events. */
  readonly popularityTotal: number;
  readonly popularityAsOf: number;
}

/** Reads the snapshot's histories twice: the half-life must be known before anything is weighed. */
export const popularityOf = (snapshot: TrainingSnapshot, items: number) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { weights } = trainedTypes(snapshot);
    const version = yield* versionOf(snapshot, userHistory);
    const each = (columns: ReadonlyArray<string>, take: (batch: ColumnBatch) => void) =>
      Stream.runForEach(tables.read(userHistory.name, { columns, version }), (batch) => Effect.sync(() => take(batch)));

    const hours = new Map<number, number>();
    let newest = Number.NEGATIVE_INFINITY;
    yield* each(["timestamp"], ({ columns, rows }) => {
      const times = columns.timestamp as ArrayLike<number>;
      for (let i = 0; i < rows; i++) {
        const hour = hourOf(times[i]);
        hours.set(hour, (hours.get(hour) ?? 0) + 1);
        if (times[i] > newest) newest = times[i];
      }
    });
    const halfLifeSeconds = halfLifeOf(hours);
    const silences = silencesAfter(hours, halfLifeSeconds);
    const shares = new Float64Array(items);
    let popularityTotal = 0;
    yield* each(["item_idx", "type", "timestamp"], ({ columns, rows }) => {
      const [own, types, times] = [columns.item_idx, columns.type, columns.timestamp] as ReadonlyArray<
        ArrayLike<number>
      >;
      for (let i = 0; i < rows; i++) {
        const time = times[i] + (silences.get(hourOf(times[i])) ?? 0);
        const gain = gainOf(weights[types[i]], time, newest, halfLifeSeconds);
        shares[own[i]] += gain;
        popularityTotal += gain;
      }
    });
    if (popularityTotal > 0) for (let i = 0; i < items; i++) shares[i] /= popularityTotal;
    const popularityAsOf = hours.size === 0 ? 0 : newest;
    return { halfLifeSeconds, shares, popularityTotal, popularityAsOf } satisfies Popularities;
  });

export const writePopularity = (model: string, { shares }: Popularities) =>
  Effect.gen(function* () {
    const { name, schema } = itemPopularity(model);
    const columns = { item_idx: Int32Array.from(shares, (_, i) => i), share: shares };
    yield* Effect.flatMap(Tables, (tables) =>
      tables.overwrite(name, schema, Stream.make({ rows: shares.length, columns })),
    );
  });
