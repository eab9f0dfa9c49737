/**
 * ItemPopularity: the batch's part of popularity (`learning/Popularity.ts`): each item's share as of the newest event, what all
 * events weigh together then, and the half-life; and what its events weigh by the half-lives of `learning/TrendLadder.ts`, where silences
 * are as long as by the model's own.
 *
 * Events are the interactions that preprocess kept (user_history). Shares add up to 1, or are all 0 where there is no event.
 */
import { Effect, Stream } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { versionOf } from "../datasets/TrainingData.ts";
import type { ColumnBatch } from "../domain/Columns.ts";
import { type TrainingSnapshot, trainedTypes } from "../domain/Model.ts";
import { itemPopularity, itemTrends } from "../domain/ModelTables.ts";
import { userHistory } from "../domain/TableSchemas.ts";
import { itemTrendsOf, rungs } from "../domain/TrendLadder.ts";
import { gainOf, halfLifeOf, hourOf, silencesAfter } from "../learning/Popularity.ts";
import { addToRungs } from "../learning/TrendLadder.ts";
import { Tables } from "../ports/Tables.ts";
import { factorBatches, factorsOf } from "./Factors.ts";

export interface Popularities {
  readonly halfLifeSeconds: number;
  /** By item index. */
  readonly shares: Float64Array;
  /** What all events weigh as of `popularityAsOf`, the newest one's time (unix seconds); both 0 without events. */
  readonly popularityTotal: number;
  readonly popularityAsOf: number;
  /** Items × `rungs`, as of then. */
  readonly ladder: Float64Array;
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
    const ladder = new Float64Array(items * rungs);
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
        addToRungs(ladder, own[i] * rungs, weights[types[i]], time - newest);
      }
    });
    if (popularityTotal > 0) for (let i = 0; i < items; i++) shares[i] /= popularityTotal;
    const popularityAsOf = hours.size === 0 ? 0 : newest;
    return { halfLifeSeconds, shares, popularityTotal, popularityAsOf, ladder } satisfies Popularities;
  });

export const writePopularity = (model: string, { ladder, shares }: Popularities) =>
  Effect.gen(function* () {
    const { name, schema } = itemPopularity(model);
    const columns = { item_idx: Int32Array.from(shares, (_, i) => i), share: shares };
    const tables = yield* Tables;
    yield* tables.overwrite(name, schema, Stream.make({ rows: shares.length, columns }));
    const trends = itemTrends(model);
    yield* tables.overwrite(trends.name, trends.schema, factorBatches(Float32Array.from(ladder), rungs));
  });

/** Undefined where there is no such table, as for a model of before. */
export const readItemTrends = (model: string) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const read = yield* ifThere(Stream.runCollect(Stream.map(tables.read(itemTrends(model).name), factorsOf)));
    if (read === undefined) return undefined;
    const batches = Array.from(read);
    const last = batches.reduce((most, { ids }) => Math.max(most, ids[ids.length - 1] ?? -1), -1);
    const sums = new Float32Array((last + 1) * rungs);
    for (const { features, ids } of batches) {
      for (let i = 0; i < ids.length; i++) sums.set(features[i], ids[i] * rungs);
    }
    return itemTrendsOf(sums);
  });
