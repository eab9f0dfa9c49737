/**
 * ItemPopularity: how much of all that happens in the shop has to do with each item, the newest most.
 *
 *   share(i) = Σ over the events e of i of w(e) / Σ over all events of w(e),   w(e) = 0.5^((T − time(e)) / halfLife)
 *
 * Events are the interactions that preprocess kept (user_history), whatever their type; T is the time of the newest. The half-life
 * comes from the data: the time that the newest thirtieth of the events spans, in whole hours, and at least a day. So it
 * never looks at a window in which nothing happened. Shares add up to 1, or are all 0 where there is no event.
 */
import { Effect, Stream } from "effect";
import { versionOf } from "../datasets/TrainingData.ts";
import type { ColumnBatch } from "../domain/Columns.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { itemPopularity, userHistory } from "../domain/TableSchemas.ts";
import { Tables } from "../ports/Tables.ts";

const hourSeconds = 3_600;
const shortestHours = 24;
/** The half-life is what one of so many equal parts of the events spans, the newest. */
const eventParts = 30;

export const hourOf = (time: number): number => Math.floor(time / hourSeconds);

/** Of events, counted by the hour since 1970 in which they were; in seconds. */
export const halfLifeOf = (events: ReadonlyMap<number, number>): number => {
  const hours = [...events.keys()].sort((a, b) => b - a);
  const all = [...events.values()].reduce((sum, count) => sum + count, 0);
  let seen = 0;
  const oldest = hours.find((hour) => {
    seen += events.get(hour) ?? 0;
    return seen * eventParts >= all;
  });
  return hourSeconds * Math.max(shortestHours, (hours[0] ?? 0) - (oldest ?? 0));
};

/** An event's weight, `age` seconds before the newest. */
export const decayed = (age: number, halfLife: number): number => 0.5 ** (age / halfLife);

export interface Popularities {
  readonly halfLifeSeconds: number;
  /** By item index. */
  readonly shares: Float64Array;
}

/** Reads the snapshot's histories twice: the half-life must be known before anything is weighed. */
export const popularityOf = (snapshot: TrainingSnapshot, items: number) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
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
    const shares = new Float64Array(items);
    let all = 0;
    yield* each(["item_idx", "timestamp"], ({ columns, rows }) => {
      const [own, times] = [columns.item_idx as ArrayLike<number>, columns.timestamp as ArrayLike<number>];
      for (let i = 0; i < rows; i++) {
        const weight = decayed(newest - times[i], halfLifeSeconds);
        shares[own[i]] += weight;
        all += weight;
      }
    });
    if (all > 0) for (let i = 0; i < items; i++) shares[i] /= all;
    return { halfLifeSeconds, shares } satisfies Popularities;
  });

export const writePopularity = (model: string, { shares }: Popularities) =>
  Effect.gen(function* () {
    const { name, schema } = itemPopularity(model);
    const columns = { item_idx: Int32Array.from(shares, (_, i) => i), share: shares };
    yield* Effect.flatMap(Tables, (tables) =>
      tables.overwrite(name, schema, Stream.make({ rows: shares.length, columns })),
    );
  });
