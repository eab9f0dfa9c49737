import { copyFile } from "node:fs/promises";
import { expect, it } from "@effect/vitest";
import { Effect, Exit, Scope, Stream } from "effect";
import { layer } from "../../../layers/Tables/Memory.ts";
import { Tables } from "../../../src/ports/Tables.ts";
import { batchOf, tablesContract } from "../../contracts/Tables.ts";
import { append, numbers, read } from "./numbered.ts";

tablesContract("Memory", layer);

it.live("Tables: Memory lists tables, and gives engines files of its own to read and to write", () =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    yield* append(tables, 1, 2);
    yield* tables.append("shop/more", numbers, Stream.make(batchOf([3])));
    expect(yield* tables.list).toEqual(["shop/more", "t"]);
    const reading = yield* Scope.make();
    const { files } = yield* Scope.extend(tables.files("t"), reading);
    expect(files.map(({ rows }) => rows)).toEqual([2]);
    const statistics = new Map();
    yield* tables.appendFiles("t", numbers, (newFile) =>
      Effect.gen(function* () {
        const [kept, empty] = [yield* newFile, yield* newFile];
        yield* Effect.promise(() => copyFile(files[0]!.path, kept));
        return [
          { path: kept, rows: 2, statistics },
          { path: empty, rows: 0, statistics },
        ];
      }),
    );
    yield* Scope.close(reading, Exit.void);
    expect(yield* read(tables)).toEqual([1, 2, 1, 2]);
    expect(yield* tables.snapshot("t")).toMatchObject({ version: 1, rows: 4, files: 2 });
    const gone = yield* Effect.promise(() =>
      copyFile(files[0]!.path, "/dev/null").then(
        () => false,
        () => true,
      ),
    );
    expect(gone, "a copy goes with its scope").toBe(true);
  }).pipe(Effect.provide(layer)),
);
