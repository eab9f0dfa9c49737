/**
 * Followers: a model's followers, counted in this process from the histories that preprocess kept.
 *
 * The histories are read once, as a stream, and 4 bytes per interaction stay in memory; counting adds at most 64 MiB and 24 bytes
 * per item (CountFollowers.ts), writing a few MiB. At 31.8 million interactions of 1.4 million shoppers with 105,000 items, all of
 * whose hundred followers are kept, counting took 39 s of one core in a process of 0.32 GB.
 */
import { Effect, Stream } from "effect";
import type { Column, ColumnBatch } from "../domain/Columns.ts";
import { itemFollowers } from "../domain/ModelTables.ts";
import { userHistory } from "../domain/TableSchemas.ts";
import type { BatchStepsService, Tell } from "../ports/BatchSteps.ts";
import { TableError, Tables } from "../ports/Tables.ts";
import { countFollowers, type FollowerRows, type MarkedHistories, marked } from "./CountFollowers.ts";

/** Reading and counting, as parts of the work. */
const parts = { reading: 0.4, counting: 0.6 };

const integers = (column: Column | undefined): Int32Array =>
  column instanceof Int32Array ? column : Int32Array.from((column ?? []) as ArrayLike<number>);

const corrupt = (problem: string): TableError =>
  new TableError({
    reason: "Corrupt",
    table: userHistory.name,
    message: `${userHistory.name} ${problem}: run \`batch preprocess\` again.`,
  });

const readHistories = (version: number, items: number, tell: Tell) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { rows: size } = yield* tables.snapshot(userHistory.name, version);
    const histories: MarkedHistories = new Int32Array(size);
    let [at, last] = [0, -1];
    /** What is wrong with the batch, if anything is. */
    const take = ({ columns, rows }: ColumnBatch): string | undefined => {
      const [users, own] = [integers(columns.user_idx), integers(columns.item_idx)];
      if (at + rows > size) return `has more than ${size} rows`;
      for (let i = 0; i < rows; i++) {
        if (users[i] < last) return "is not in order of users";
        if (own[i] < 0 || own[i] >= items) return `names an item ${own[i]} of ${items}`;
        histories[at++] = marked(own[i], users[i] !== last);
        last = users[i];
      }
      return undefined;
    };
    yield* tables.read(userHistory.name, { columns: ["user_idx", "item_idx"], version }).pipe(
      Stream.runForEach((batch) => {
        const problem = take(batch);
        if (problem !== undefined) return corrupt(problem);
        tell("histories", (parts.reading * batch.rows) / Math.max(1, size));
        return Effect.void;
      }),
    );
    return histories.subarray(0, at);
  });

const batchOf = ({ counts, followers, items, rows, totals }: FollowerRows): ColumnBatch => ({
  rows,
  columns: {
    item_idx: items,
    follower_idx: followers,
    count: BigInt64Array.from(counts, BigInt),
    total: BigInt64Array.from(totals, BigInt),
  },
});

/** Writes the table; see the port. */
export const writeFollowers = ({ history, items, model, tell }: Parameters<BatchStepsService["followers"]>[0]) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const histories = yield* readHistories(history, items, tell);
    const counting = countFollowers(histories, items);
    let written = 0;
    const next = Effect.sync(() => {
      const { done, value } = counting.next();
      if (done === true) return undefined;
      written += value.rows;
      tell("followers", (parts.counting * value.done) / items);
      return batchOf(value);
    });
    const batches = Stream.repeatEffect(next).pipe(
      Stream.takeWhile((batch): batch is ColumnBatch => batch !== undefined),
    );
    const { name, schema } = itemFollowers(model);
    yield* tables.overwrite(name, schema, batches);
    return written;
  });
