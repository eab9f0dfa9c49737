import { copyFile, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Duration, Effect } from "effect";
import { make } from "../../../../layers/Tables/Local.ts";
import { append, editCommit, name, read } from "../numbered.ts";
import { temporaryFolder } from "../temporary.ts";

const day = 24 * 3600;

/** A table of 23 commits, with checkpoints at 10 and 20. */
const twentyThree = Effect.gen(function* () {
  const root = yield* temporaryFolder;
  const tables = yield* make(root);
  for (let id = 0; id < 23; id++) yield* append(tables, id);
  const log = join(root, "t/_delta_log");
  return {
    root,
    tables,
    log,
    /** Makes the commits before a version so many days old. */
    age: (before: number, days: number) =>
      Effect.promise(async () => {
        const then = Date.now() / 1000 - days * day;
        for (const file of await readdir(log)) if (file < name(before)) await utimes(join(log, file), then, then);
      }),
    commits: Effect.promise(async () => (await readdir(log)).filter((file) => file.endsWith(".json")).sort()),
    checkpoints: Effect.promise(async () => (await readdir(log)).filter((file) => file.endsWith(".parquet")).sort()),
  };
});

const names = (from: number) => Array.from({ length: 23 - from }, (_, i) => name(from + i));
const rows = (version: number) => Array.from({ length: version + 1 }, (_, id) => id);
const checkpoint = (version: number) => name(version, "checkpoint.parquet");

describe("Tables: vacuum of the log", () => {
  it.scopedLive("deletes what is older than 30 days and covered by a checkpoint that the rest needs", () =>
    Effect.gen(function* () {
      const { root, tables, age, commits, checkpoints } = yield* twentyThree;
      yield* tables.vacuum("t", Duration.days(7));
      expect(yield* commits).toEqual(names(0));
      yield* age(15, 31);
      yield* tables.vacuum("t", Duration.days(40));
      expect(yield* commits).toEqual(names(0));
      yield* tables.vacuum("t", Duration.days(7));
      expect(yield* commits).toEqual(names(10));
      expect(yield* checkpoints).toEqual([checkpoint(10), checkpoint(20)]);
      for (const reader of [tables, yield* make(root)]) {
        for (const version of [10, 15, 22]) expect(yield* read(reader, version)).toEqual(rows(version));
        expect(yield* Effect.flip(reader.snapshot("t", 9))).toMatchObject({ reason: "NotFound" });
      }
      yield* age(23, 31);
      yield* tables.vacuum("t", Duration.days(7));
      expect(yield* commits).toEqual(names(20));
      expect(yield* checkpoints).toEqual([checkpoint(20)]);
      yield* append(tables, 23);
      expect(yield* read(yield* make(root))).toEqual(rows(23));
    }),
  );

  it.scopedLive("keeps all of it where the checkpoint cannot be read", () =>
    Effect.gen(function* () {
      const { root, tables, log, age, commits } = yield* twentyThree;
      yield* Effect.promise(() => writeFile(join(log, checkpoint(20)), "PAR1 no more"));
      yield* age(23, 31);
      yield* tables.vacuum("t", Duration.days(7));
      expect(yield* commits).toEqual(names(0));
      expect(yield* read(yield* make(root))).toEqual(rows(22));
      yield* Effect.promise(() => copyFile(join(log, checkpoint(10)), join(log, checkpoint(20))));
      yield* age(23, 31);
      yield* tables.vacuum("t", Duration.days(7));
      expect(yield* commits).toEqual(names(20));
    }),
  );

  it.scopedLive("keeps it as long as the table's properties say", () =>
    Effect.gen(function* () {
      const { root, log, age, commits } = yield* twentyThree;
      const first = yield* Effect.promise(() => readFile(join(log, name(0)), "utf8"));
      const metadata = first.split("\n").find((line) => line.includes('"metaData"')) ?? "";
      const changed = metadata.replace(
        '"configuration":{}',
        '"configuration":{"delta.logRetentionDuration":"interval 90 days"}',
      );
      expect(changed).not.toBe(metadata);
      yield* editCommit(root, 22, (text) => `${text}${changed}\n`);
      yield* age(23, 60);
      const tables = yield* make(root);
      yield* tables.vacuum("t", Duration.days(7));
      expect(yield* commits).toEqual(names(0));
    }),
  );
});
