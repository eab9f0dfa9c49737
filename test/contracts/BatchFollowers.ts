/** What every engine of the batch's steps counts as followers, by the definition, word for word. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import fc from "fast-check";
import { itemFollowers } from "../../src/domain/ModelTables.ts";
import { userHistory } from "../../src/domain/TableSchemas.ts";
import { BatchSteps } from "../../src/ports/BatchSteps.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, rowsOf } from "../support/Folder.ts";
import { naiveBest, naiveCounts } from "../support/NaiveFollowers.ts";
import type { StepsLayer } from "./BatchSteps.ts";

const items = 160;

/** Histories of users with gaps between their indices, in several files that may part a user's. */
const put = (histories: ReadonlyArray<ReadonlyArray<number>>, files: number) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { name, schema } = userHistory;
    const rows = histories.flatMap((own, user) =>
      own.map((item_idx, i) => ({ user_idx: 2 * user, item_idx, type: item_idx % 3, timestamp: Math.floor(i / 3) })),
    );
    const size = Math.ceil(rows.length / files);
    const batch = (file: number) => Stream.make(batchOf(schema, rows.slice(file * size, (file + 1) * size)));
    let version = yield* tables.overwrite(name, schema, batch(0));
    for (let file = 1; file < files; file++) version = yield* tables.append(name, schema, batch(file));
    return version;
  });

/** `runs`: how many shops are tried. */
export const batchFollowersContract = (name: string, steps: StepsLayer, runs: number): void => {
  /** The rows of the table, and what was told. */
  const outcome = (histories: ReadonlyArray<ReadonlyArray<number>>, files: number) =>
    inFolder(
      () =>
        Effect.gen(function* () {
          const history = yield* put(histories, files);
          let done = 0;
          const tell = (_: string, part: number): void => {
            done += part;
          };
          const written = yield* Effect.flatMap(BatchSteps, (all) =>
            all.followers({ history, items, model: "m", tell }),
          );
          const rows = yield* rowsOf(itemFollowers("m").name);
          expect(rows).toHaveLength(written);
          return { done, rows: rows.map((row) => ({ ...row, count: Number(row.count), total: Number(row.total) })) };
        }),
      {},
      steps,
    );

  describe(`${name}: BatchSteps, followers`, () => {
    it.effect(
      "are counted as their definition reads, the best of each item, in order, for any histories and files",
      () => {
        const item = fc.oneof({ weight: 2, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(items - 1) });
        const histories = fc.array(fc.array(item, { maxLength: 200, size: "max" }), { minLength: 1, maxLength: 12 });
        return Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(histories, fc.integer({ min: 1, max: 3 }), (given, files) =>
              Effect.gen(function* () {
                const { done, rows } = yield* outcome(given, files);
                expect(rows).toEqual(naiveBest(naiveCounts(given)));
                expect(done).toBeCloseTo(given.flat().length === 0 ? done : 1, 9);
              }).pipe(Effect.runPromise),
            ),
            { numRuns: runs },
          ),
        );
      },
      300_000,
    );

    it.effect(
      "are a hundred of an item at most, of equal counts those of smaller index, beside the total of all",
      () =>
        Effect.gen(function* () {
          const { rows } = yield* outcome(
            Array.from({ length: 130 }, (_, i) => [7, 20 + i]),
            1,
          );
          expect(rows).toEqual(
            Array.from({ length: 100 }, (_, i) => ({
              item_idx: 7,
              follower_idx: 20 + i,
              count: 1_000_000,
              total: 130_000_000,
            })),
          );
        }),
      300_000,
    );

    it.effect(
      "are none where nobody had to do with two things",
      () =>
        Effect.gen(function* () {
          expect((yield* outcome([[1], [], [2]], 1)).rows).toEqual([]);
          expect((yield* outcome([[]], 1)).rows).toEqual([]);
        }),
      300_000,
    );
  });
};
