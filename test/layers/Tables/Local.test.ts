import { copyFile, mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Duration, Effect, Exit, Layer, Stream } from "effect";
import { ioError } from "../../../layers/Tables/delta/TableErrors.ts";
import { layer, layerAt, make } from "../../../layers/Tables/Local.ts";
import { TableError, Tables } from "../../../src/ports/Tables.ts";
import { batchOf, interruptWithin, tablesContract } from "../../contracts/Tables.ts";
import { append, editCommit, name, numbers, read } from "./numbered.ts";
import { temporaryFolder } from "./temporary.ts";

tablesContract("Local", Layer.unwrapScoped(Effect.map(temporaryFolder, layerAt)));

/** Data files of the table, by name. */
const dataFiles = (root: string) =>
  Effect.map(
    Effect.promise(() => readdir(join(root, "t"))),
    (names) => names.filter((file) => file.endsWith(".parquet")).sort(),
  );

describe("Tables: files of the local layer", () => {
  it.scopedLive("are under the data folder's delta", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const tables = yield* Effect.provide(
        Tables,
        Layer.provide(layer, Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", root]])))),
      );
      yield* append(tables, 1);
      expect(yield* Effect.promise(() => readdir(join(root, "delta/t/_delta_log")))).toEqual([name(0)]);
    }),
  );

  it.scopedLive("of a write that failed or was interrupted are deleted", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const tables = yield* make(root);
      yield* append(tables, 1);
      const kept = yield* dataFiles(root);
      // Three full row groups, so that a file is open when the source ends badly.
      const many = Stream.range(1, 4).pipe(
        Stream.rechunk(1),
        Stream.map(() => batchOf(Array.from({ length: 100_000 }, (_, i) => i))),
      );
      let seen = 0;
      const counted = Stream.tap(many, () =>
        Effect.map(dataFiles(root), (files) => {
          seen = Math.max(seen, files.length);
        }),
      );
      const broken = Stream.concat(counted, Stream.fail("broken"));
      yield* Effect.flip(tables.append("t", numbers, broken));
      expect(seen).toBe(2);
      expect(yield* dataFiles(root)).toEqual(kept);
      yield* interruptWithin((endless) => tables.overwrite("t", numbers, Stream.concat(many, endless)));
      expect(yield* dataFiles(root)).toEqual(kept);
      const wrong = { rows: 1, columns: { id: [0.5], name: [null] } };
      yield* Effect.flip(tables.append("t", numbers, Stream.concat(many, Stream.make(wrong))));
      expect(yield* dataFiles(root)).toEqual(kept);
    }),
  );

  it.scopedLive("of one table take the commits of several processes", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const writers = yield* Effect.all(Array.from({ length: 4 }, () => make(root)));
      yield* Effect.forEach(
        writers,
        (tables, w) => Effect.forEach([0, 1, 2, 3], (i) => append(tables, w * 10 + i), { discard: true }),
        { concurrency: "unbounded" },
      );
      const expected = [0, 1, 2, 3].flatMap((w) => [0, 1, 2, 3].map((i) => w * 10 + i));
      for (const tables of writers) {
        expect((yield* read(tables)).sort((a, b) => a - b)).toEqual(expected);
        expect((yield* tables.snapshot("t")).version).toBe(15);
      }
      const turns = yield* Effect.forEach(
        writers,
        (tables) =>
          Effect.exit(
            tables.append("t", numbers, Stream.make(batchOf([99])), [{ appId: "a", expected: undefined, next: 1n }]),
          ),
        { concurrency: "unbounded" },
      );
      expect(turns.filter(Exit.isSuccess)).toHaveLength(1);
    }),
  );

  it.scopedLive("are seen anew when another process drops the table and begins it again", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const [ours, other] = yield* Effect.all([make(root), make(root)]);
      yield* append(ours, 1);
      yield* append(ours, 2);
      yield* other.drop("t");
      yield* append(other, 7);
      yield* append(other, 8);
      expect(yield* read(ours)).toEqual([7, 8]);
    }),
  );

  it.scopedLive("let vacuum find what a killed writer left, once it is old", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const tables = yield* make(root);
      yield* append(tables, 1);
      const [file = ""] = yield* dataFiles(root);
      const young = join(root, "t/part-young.parquet");
      const old = join(root, "t/part-old.parquet");
      const temporary = join(root, "t/_delta_log/.old.tmp");
      const past = Date.now() / 1000 - 3 * 24 * 3600;
      yield* Effect.promise(async () => {
        for (const path of [young, old, temporary]) await copyFile(join(root, "t", file), path);
        for (const path of [old, temporary, join(root, "t", file)]) await utimes(path, past, past);
      });
      expect(yield* tables.vacuum("t", Duration.zero)).toBe(1);
      expect(yield* dataFiles(root)).toEqual([file, "part-young.parquet"].sort());
      expect(yield* Effect.promise(() => readdir(join(root, "t/_delta_log")))).toEqual([name(0)]);
      expect(yield* read(tables)).toEqual([1]);
    }),
  );

  it.scopedLive("stay for versions within the retention, even when their tombstones have left the log's state", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const tables = yield* make(root);
      yield* append(tables, 1);
      yield* tables.overwrite("t", numbers, Stream.make(batchOf([2])));
      const removed = Date.now() - 10 * 24 * 3600 * 1000;
      yield* editCommit(root, 1, (text) => text.replace(/"deletionTimestamp":\d+/, `"deletionTimestamp":${removed}`));
      const past = removed / 1000;
      for (const file of yield* dataFiles(root)) {
        yield* Effect.promise(() => utimes(join(root, "t", file), past, past));
      }
      for (let id = 3; id < 13; id++) yield* append(tables, id);
      const fresh = yield* make(root);
      yield* append(fresh, 13);
      const again = yield* make(root);
      expect(yield* again.vacuum("t", Duration.days(30))).toBe(0);
      expect(yield* read(again, 0)).toEqual([1]);
      expect(yield* again.vacuum("t", Duration.days(8))).toBe(1);
    }),
  );
});

describe("Tables: failures of the file system", () => {
  it("are Full where there is no room or no permission, with the path and the remedy", () => {
    for (const code of ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"]) {
      const error = ioError("t", "/data/delta/t", Object.assign(new Error(code), { code }));
      expect(error).toMatchObject({ reason: "Full", message: expect.stringContaining("/data/delta/t") });
      expect(error.message).toContain("DATA_DIR");
    }
    expect(ioError("t", "/x", Object.assign(new Error("EIO: broken"), { code: "EIO" }))).toMatchObject({
      reason: "Io",
      message: expect.stringContaining("EIO"),
    });
  });

  it.scopedLive("leave the table as it was", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const tables = yield* make(root);
      // A file stands where the table's folder should be.
      yield* Effect.promise(() => mkdir(join(root, "shop")));
      yield* Effect.promise(() => writeFile(join(root, "shop/t"), ""));
      const error = yield* Effect.flip(tables.append("shop/t", numbers, Stream.make(batchOf([1]))));
      expect(error).toBeInstanceOf(TableError);
      expect(error).toMatchObject({ reason: "Io", message: expect.stringContaining("shop/t") });
    }),
  );
});
