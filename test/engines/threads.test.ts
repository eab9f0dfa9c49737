/** The same input gives the same tables to the bit, whatever the threads and the memory of the SQL engine. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, engine, inFolder, type Row, rowsOf } from "../support/Folder.ts";

const put = (rows: ReadonlyArray<Row>) =>
  Effect.flatMap(Tables, (tables) =>
    tables.overwrite(rawTransactions.name, rawTransactions.schema, Stream.make(batchOf(rawTransactions.schema, rows))),
  );

describe("Preprocess", () => {
  it.effect(
    "comes to the same tables whatever the threads and the memory",
    () =>
      Effect.gen(function* () {
        const rows = Array.from({ length: 400_000 }, (_, i) => ({
          t_dat: 18_000 + ((i * 31) % 700),
          customer_id: `u${(i * 40_503) % 50_021}`,
          article_id: `a${(i * 7_919) % 4_999}`,
          weight: i % 5 === 0 ? ((i * 16_807) % 1_000_003) / 1e5 : null,
        }));
        const outcome = (threads: number, memoryMiB: number) =>
          inFolder(({ dataDir }) =>
            Effect.gen(function* () {
              yield* put(rows);
              const set = { threads, memoryMiB, spillFolder: `${dataDir}/spill` };
              yield* preprocess.pipe(Effect.provide(engine(set)));
              const hashes: Array<string> = [];
              for (const name of ["user_map", "item_map", "pair_sums", "train_data", "user_history", "user_bought"]) {
                const hash = createHash("sha256");
                const { schema } = yield* Effect.flatMap(Tables, (tables) => tables.snapshot(`processed/${name}`));
                for (const row of yield* rowsOf(`processed/${name}`))
                  hash.update(schema.map((field) => String(row[field.name])).join());
                hashes.push(`${name} ${hash.digest("hex")}`);
              }
              return hashes;
            }),
          );
        const one = yield* outcome(1, 1024);
        expect(yield* outcome(4, 1024)).toEqual(one);
        expect(yield* outcome(3, 160)).toEqual(one);
      }),
    300_000,
  );
});
