import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Either, Stream } from "effect";
import { printCheckpoint, readCheckpoint } from "../../../../layers/Tables/delta/CheckpointFile.ts";
import { objectsOf, openBuffer } from "../../../../layers/Tables/delta/TableObjects.ts";
import { make } from "../../../../layers/Tables/Local.ts";
import { local } from "../../../../layers/Tables/objects/Local.ts";
import { append, editCommit, name, read } from "../numbered.ts";
import { temporaryFolder } from "../temporary.ts";

describe("Tables: the local layer's log", () => {
  const thirteen = Effect.gen(function* () {
    const root = yield* temporaryFolder;
    const tables = yield* make(root);
    for (let id = 0; id < 13; id++) yield* append(tables, id);
    return { root, tables, log: join(root, "t/_delta_log"), all: Array.from({ length: 13 }, (_, id) => id) };
  });

  it.scopedLive("begins at the checkpoint, with or without _last_checkpoint", () =>
    Effect.gen(function* () {
      const { root, log, all } = yield* thirteen;
      const pointer = join(log, "_last_checkpoint");
      expect(JSON.parse(yield* Effect.promise(() => readFile(pointer, "utf8")))).toMatchObject({ version: 10 });
      yield* Effect.promise(() => Promise.all(all.slice(0, 10).map((version) => rm(join(log, name(version))))));
      expect(yield* read(yield* make(root))).toEqual(all);
      for (const text of ['{"version":77,"size":1}', '{"version":77', '{"version":"10"}', ""]) {
        yield* Effect.promise(() => writeFile(pointer, text));
        expect(yield* read(yield* make(root))).toEqual(all);
      }
      yield* Effect.promise(() => rm(pointer));
      const tables = yield* make(root);
      expect(yield* read(tables)).toEqual(all);
      expect(Either.getLeft(yield* Effect.either(tables.snapshot("t", 3)))).toMatchObject({
        value: { reason: "NotFound" },
      });
    }),
  );

  it.scopedLive("begins at the checkpoint that _last_checkpoint names, even where there is a newer one", () =>
    Effect.gen(function* () {
      const { root, log, all, tables } = yield* thirteen;
      for (let id = 13; id < 23; id++) yield* append(tables, id);
      // The newest checkpoint tells less than the commits do, so that its reader shows.
      const checkpoint = (version: number) => join(log, name(version, "checkpoint.parquet"));
      yield* Effect.promise(() => copyFile(checkpoint(10), checkpoint(20)));
      const short = [...all.slice(0, 11), 21, 22];
      expect(yield* read(yield* make(root))).toEqual(short);
      const pointer = join(log, "_last_checkpoint");
      yield* Effect.promise(() => writeFile(pointer, '{"version":10,"size":13}'));
      const fresh = yield* make(root);
      expect(yield* read(fresh)).toEqual(Array.from({ length: 23 }, (_, id) => id));
      expect(yield* read(fresh, 9)).toEqual(all.slice(0, 10));
      yield* Effect.promise(() => rm(pointer));
      expect(yield* read(yield* make(root))).toEqual(short);
    }),
  );

  it.scopedLive("begins at a checkpoint of several parts, once all of them are there", () =>
    Effect.gen(function* () {
      const { root, log, all } = yield* thirteen;
      const single = join(log, name(10, "checkpoint.parquet"));
      const actions = yield* Effect.flatMap(openBuffer(objectsOf(local, "t"), single), (file) =>
        Effect.flatten(Effect.promise(() => readCheckpoint(file))),
      );
      const part = (i: number) => join(log, name(10, `checkpoint.000000000${i}.0000000003.parquet`));
      yield* Effect.promise(async () => {
        await rm(single);
        for (const i of [0, 1, 2]) {
          await writeFile(part(i + 1), printCheckpoint(actions.filter((_, at) => at % 3 === i)));
        }
        await writeFile(join(log, "_last_checkpoint"), `{"version":10,"size":${actions.length},"parts":3}`);
        for (const version of all.slice(0, 10)) await rm(join(log, name(version)));
      });
      const fresh = yield* make(root);
      expect((yield* read(fresh)).sort((a, b) => a - b)).toEqual(all);
      expect((yield* read(fresh, 10)).sort((a, b) => a - b)).toEqual(all.slice(0, 11));
      yield* Effect.promise(() => rm(part(2)));
      const error = yield* Effect.flip((yield* make(root)).snapshot("t"));
      expect(error).toMatchObject({ reason: "Corrupt", message: expect.stringContaining(name(0)) });
    }),
  );

  it.scopedLive("reads the commits where the checkpoint is corrupt, and says so where they are gone too", () =>
    Effect.gen(function* () {
      const { root, log, all } = yield* thirteen;
      yield* Effect.promise(() => writeFile(join(log, name(10, "checkpoint.parquet")), "PAR1 no more"));
      expect(yield* read(yield* make(root))).toEqual(all);
      yield* Effect.promise(() => rm(join(log, name(4))));
      const error = yield* Effect.flip((yield* make(root)).snapshot("t"));
      expect(error).toMatchObject({ reason: "Corrupt", message: expect.stringContaining("checkpoint") });
    }),
  );

  it.scopedLive("is refused with the place of a broken line, or of a missing version", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const tables = yield* make(root);
      for (let id = 0; id < 4; id++) yield* append(tables, id);
      yield* editCommit(root, 2, (text) => `${text}{"add":`);
      const broken = yield* Effect.flip((yield* make(root)).snapshot("t"));
      expect(broken).toMatchObject({ reason: "Corrupt", message: expect.stringContaining(name(2)) });
      expect(broken.message).toMatch(/line \d+ is no JSON; restore it from a backup, or move .*\/t away/);
      yield* Effect.promise(() => rm(join(root, "t/_delta_log", name(2))));
      const missing = yield* Effect.flip((yield* make(root)).snapshot("t"));
      expect(missing).toMatchObject({ reason: "Corrupt", message: expect.stringContaining(name(2)) });
    }),
  );

  it.scopedLive("is as it was before once its newest commit, being damaged, is moved away as the message says", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      const tables = yield* make(root);
      for (let id = 0; id < 3; id++) yield* append(tables, id);
      yield* tables.writable("t");
      yield* editCommit(root, 2, () => '{"add": broken');
      const error = yield* Effect.flip(tables.writable("t"));
      expect(error).toMatchObject({ reason: "Corrupt", message: expect.stringContaining("move it away") });
      yield* Effect.promise(() => rm(join(root, "t/_delta_log", name(2))));
      yield* tables.writable("t");
      yield* append(tables, 9);
      expect(yield* read(tables)).toEqual([0, 1, 9]);
      yield* tables.writable("none/such");
      expect(yield* Effect.promise(() => readdir(root)), "nothing is left").toEqual(["t"]);
    }),
  );

  it.scopedLive("is refused where it needs features of others", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder;
      yield* append(yield* make(root), 1);
      const protocol = (to: string) =>
        editCommit(root, 0, (text) => text.replace(/\{"protocol":\{.*?\}\}/, `{"protocol":${to}}`));
      const vectors =
        '{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}';
      yield* protocol(vectors);
      const error = yield* Effect.flip(Stream.runDrain((yield* make(root)).read("t")));
      expect(error).toMatchObject({ reason: "Unsupported", message: expect.stringContaining("deletionVectors") });
      yield* protocol('{"minReaderVersion":1,"minWriterVersion":4}');
      const tables = yield* make(root);
      expect(yield* read(tables)).toEqual([1]);
      expect(yield* Effect.flip(append(tables, 2))).toMatchObject({ reason: "Unsupported" });
    }),
  );
});
