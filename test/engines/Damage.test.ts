/** Data files that are lost or damaged: named with what to do, or, where they can be, made anew. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import { popular } from "../../src/batch/Popular.ts";
import { preprocess } from "../../src/batch/Preprocess.ts";
import {
  itemMap,
  pairSums,
  rawArticles,
  rawEvents,
  rawTransactions,
  type TableDefinition,
  userHistory,
  userRecent,
} from "../../src/domain/TableSchemas.ts";
import { readInteractions } from "../../src/evaluation/ReadInteractions.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, type Row, rowsOf } from "../support/Folder.ts";

const shopper = (i: number): string => `shopper ${(i * 2_654_435_761) % 2 ** 32}`;
const bought: ReadonlyArray<Row> = Array.from({ length: 3000 }, (_, i) => ({
  t_dat: 15_000 + (i % 300),
  customer_id: shopper(i),
  article_id: `item ${i % 97}`,
}));
const happened: ReadonlyArray<Row> = Array.from({ length: 2000 }, (_, i) => ({
  t_dat: 15_400,
  customer_id: shopper(i),
  article_id: `item ${i % 89}`,
  sales_channel_id: 2,
  event_type: "click",
  quantity: 1,
  timestamp: 15_400 * 86_400 + i,
  event_id: `event ${i}`,
  log_partition: 0,
  log_offset: BigInt(i),
  arrived_at: 15_400 * 86_400 + i,
  log_id: "log",
}));
const articles: ReadonlyArray<Row> = Array.from({ length: 97 }, (_, i) => ({ article_id: `item ${i}` }));

const put = ({ name, schema }: TableDefinition, rows: ReadonlyArray<Row>, how: "overwrite" | "append" = "overwrite") =>
  Effect.flatMap(Tables, (tables) => tables[how](name, schema, Stream.make(batchOf(schema, rows))));

const shop = Effect.all([put(rawArticles, articles), put(rawTransactions, bought), put(rawEvents, happened)]);

const ways = {
  missing: (file: string) => rmSync(file),
  "cut off": (file: string) => truncateSync(file, 600),
  "of other bytes": (file: string) => {
    const bytes = readFileSync(file);
    // Behind the header of the first page: its checksum, where it has one, and its compression tell.
    for (let at = 40; at < bytes.length / 2; at++) bytes[at]! ^= 0x5a;
    writeFileSync(file, bytes);
  },
};
type Way = keyof typeof ways;

/** Damages all data files of a table. */
const damage = (dataDir: string, { name }: TableDefinition, way: Way): void => {
  const folder = join(dataDir, "delta", name);
  for (const file of readdirSync(folder).filter((one) => one.endsWith(".parquet"))) ways[way](join(folder, file));
};

const kinds = Object.keys(ways) as ReadonlyArray<Way>;

describe("A data file that is", () => {
  const cases = kinds.flatMap((way) =>
    [
      [rawTransactions, "preprocess", preprocess],
      [rawEvents, "preprocess", preprocess],
      [rawArticles, "preprocess", preprocess],
      [rawTransactions, "popular", popular],
      [itemMap, "popular", popular],
      [rawEvents, "evaluate", Effect.scoped(readInteractions)],
    ].map(([table, step, program]) => [way, (table as TableDefinition).name, step, table, program] as const),
  ) as ReadonlyArray<readonly [Way, string, string, TableDefinition, typeof preprocess]>;

  it.effect.each(cases)("%s in %s stops %s, and is named with what to do", ([way, name, step, table, program]) =>
    inFolder(({ dataDir }) =>
      Effect.gen(function* () {
        yield* shop;
        if (step === "popular") yield* preprocess;
        damage(dataDir, table, way);
        const error = yield* Effect.flip(program);
        expect(error).toMatchObject({ _tag: "TableError", reason: "Corrupt", table: name });
        expect(error.message).toContain(join(dataDir, "delta", name, "part-"));
        expect(error.message).toContain(`restore it from a backup, or move the folder of ${name} away`);
      }),
    ),
  );

  const carried = [
    ["missing", pairSums],
    ["cut off", userHistory],
    ["of other bytes", userRecent],
  ] as const;
  it.effect.each(carried)("%s among what preprocess would carry on is made anew", ([way, table]) => {
    const outcome = (harm: (dataDir: string) => void) =>
      inFolder(({ dataDir }) =>
        Effect.gen(function* () {
          yield* shop;
          yield* preprocess;
          yield* put(
            rawEvents,
            happened.map((row, i) => ({ ...row, log_offset: BigInt(2000 + i) })),
            "append",
          );
          harm(dataDir);
          yield* preprocess;
          return yield* Effect.forEach([pairSums, userHistory, userRecent], ({ name }) => rowsOf(name));
        }),
      );
    return Effect.gen(function* () {
      const found = yield* outcome((dataDir) => damage(dataDir, table, way));
      expect(found).toEqual(yield* outcome(() => {}));
    });
  });
});
