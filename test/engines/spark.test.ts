/** Our Delta tables and those of Spark, each read by the other. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { make } from "../../layers/Tables/Local.ts";
import { relation } from "../../src/datasets/Relation.ts";
import { overwriteTable } from "../../src/datasets/WriteTable.ts";
import { rawEvents, rawTransactions } from "../../src/domain/TableSchemas.ts";
import { Tables, type TablesService } from "../../src/ports/Tables.ts";
import { everyType, rowsOf } from "../contracts/Tables.ts";
import { byText, everyRow, printed, readBothWays } from "./rows.ts";

const here = dirname(fileURLToPath(import.meta.url));
const codecs = ["uncompressed", "snappy", "gzip", "lz4", "lz4_raw", "zstd"];

let folder = "";
let tables: TablesService;
/** Rows of every table, as Spark read them. */
let spark: Readonly<Record<string, ReadonlyArray<ReadonlyArray<unknown>>>> = {};

const batch = everyRow(4000);
const expected = byText(rowsOf(everyType, [batch]).map((row) => row.map(printed)));

const orders = `t_dat,customer_id,article_id,price,sales_channel_id
2020-09-01,000058a12d5b43e6,108775015,0.05,2
2020-09-02,00007d2de826758b,108775044,,1
`;

const prepare = Effect.gen(function* () {
  for (const name of ["ours", ...codecs.map((codec) => `rewritten/${codec}`)]) {
    yield* tables.overwrite(name, everyType, Stream.make(batch));
  }
  for (let part = 0; part < 12; part++) yield* tables.append("merged", everyType, Stream.make(batch));
  const { session } = makeSql({ threads: 2, memoryMiB: 256, spillFolder: join(folder, "spill") });
  const { statement: select } = yield* relation("ours");
  yield* overwriteTable({ session: yield* session, table: { name: "engine", schema: everyType }, select });
});

beforeAll(async () => {
  const python = execFileSync(join(here, "../../scripts/engines/spark.sh"), { encoding: "utf8" }).trim();
  folder = await mkdtemp(join(tmpdir(), "spark-"));
  tables = await Effect.runPromise(make(folder));
  await writeFile(join(folder, "orders.csv"), orders);
  await Effect.runPromise(prepare.pipe(Effect.scoped, Effect.provideService(Tables, tables)));
  execFileSync(python, [join(here, "spark.py"), folder], { stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 28 });
  spark = JSON.parse(await readFile(join(folder, "answer.json"), "utf8"));
  tables = await Effect.runPromise(make(folder));
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("Spark", () => {
  it("reads what we write, by our own Parquet and by the SQL engine's", () => {
    expect(byText(spark.ours ?? [])).toEqual(expected);
    expect(byText(spark.engine ?? [])).toEqual(expected);
  });

  for (const codec of codecs) {
    it.live(`rewrites ours with ${codec}, and we read it`, () =>
      Effect.gen(function* () {
        const [ours, engines] = yield* readBothWays(folder, `rewritten/${codec}`, everyType);
        expect(byText(spark[`rewritten/${codec}`] ?? [])).toEqual(expected);
        expect(byText(ours)).toEqual(expected);
        expect(byText(engines)).toEqual(expected);
        const log = yield* Effect.promise(() => readdir(join(folder, "rewritten", codec, "_delta_log")));
        expect(log.filter((name) => name.endsWith(".tmp"))).toEqual([]);
      }),
    );
  }

  it.live("merges our files, also over a checkpoint of its own, and we go on", () =>
    Effect.gen(function* () {
      yield* tables.append("merged", everyType, Stream.make(batch));
      const all = byText([...(spark.merged ?? []), ...rowsOf(everyType, [batch]).map((row) => row.map(printed))]);
      const [ours, engines] = yield* readBothWays(folder, "merged", everyType);
      expect(ours).toHaveLength(13 * 4000);
      expect(byText(ours)).toEqual(all);
      expect(byText(engines)).toEqual(all);
      expect(yield* tables.snapshot("merged")).toMatchObject({ files: 2 });
    }),
  );

  it.live("makes tables without our later columns, which we read and write as they are", () =>
    Effect.gen(function* () {
      const { schema } = rawTransactions;
      const [, rows] = yield* readBothWays(folder, "reference/transactions", schema);
      expect(byText(rows)).toEqual(
        byText([
          [18_506, "000058a12d5b43e6", "0108775015", 0.05, 2, null, null, null],
          [18_507, "00007d2de826758b", "0108775044", null, 1, null, null, null],
        ]),
      );
      const row = {
        ...{ t_dat: 18_508, customer_id: "c", article_id: "a", price: null, sales_channel_id: 2, event_type: "click" },
        ...{ timestamp: 1_599_091_200.5, quantity: 1, event_id: "e", user_idx: null, item_idx: null },
        ...{ log_partition: 0, log_offset: 7n, arrived_at: 1_599_091_201, log_id: "l" },
        recommendation_id: null,
      };
      const columns = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]]));
      yield* tables.append("reference/events", rawEvents.schema, Stream.make({ rows: 1, columns }));
      const names = ["event_type", "timestamp", "log_offset"];
      const fields = rawEvents.schema.filter(({ name }) => names.includes(name));
      const read = yield* readBothWays(folder, "reference/events", fields);
      const events = [
        ["click", null, null],
        ["click", null, null],
        ["click", 1_599_091_200.5, { long: "7" }],
      ];
      expect(read.map(byText)).toEqual([byText(events), byText(events)]);
    }),
  );
});
