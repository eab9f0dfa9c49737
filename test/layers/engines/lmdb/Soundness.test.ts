import { spawnSync } from "node:child_process";
import { closeSync, cpSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Either, Logger } from "effect";
import { layerAt, Store } from "../../../../layers/engines/lmdb/Store.ts";
import { ownIdentity } from "../../../../layers/Processes/Identity.ts";
import { makeRandom } from "../../../../src/kernels/Random.ts";
import { temporaryFolder } from "./temporary.ts";

const entries = 3000;
const key = (i: number): Buffer => Buffer.from(`key-${i}`);
const value = (i: number): Buffer => Buffer.alloc(90, i);
const kept = (i: number): boolean => i % 3 !== 0;
const pageSize = 4096;

/** Small values in several tables, a third of them removed again, so that there are free pages, too. */
const fill = Effect.gen(function* () {
  const { tables, write } = yield* Store;
  for (const table of [tables.states, tables.log, tables.documents]) {
    yield* write(() => {
      for (let i = 0; i < entries; i++) table.put(key(i), value(i));
    });
    yield* write(() => {
      for (let i = 0; i < entries; i++) if (!kept(i)) table.remove(key(i));
    });
  }
});

const readAll = Effect.flatMap(Store, ({ read, tables }) =>
  read(() => {
    for (const table of [tables.states, tables.log, tables.documents]) {
      for (let i = 0; i < entries; i++) {
        const found = table.get(key(i));
        if (kept(i) ? found === undefined || !value(i).equals(found) : found !== undefined) return `key-${i}`;
      }
    }
    return "all is there";
  }),
);

/** Opens, runs and closes; answers what was logged, too. */
const opened = <A, E>(folder: string, program: Effect.Effect<A, E, Store>) =>
  Effect.suspend(() => {
    const lines: Array<string> = [];
    const logger = Logger.make(({ message }) => lines.push(String(message)));
    return program.pipe(
      Effect.provide(layerAt(folder)),
      Effect.either,
      Effect.map((result) => ({ result, lines })),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    );
  });

const overwrite = (folder: string, page: number, byte: () => number): void => {
  const file = openSync(join(folder, "data.mdb"), "r+");
  writeSync(file, Uint8Array.from({ length: pageSize }, byte), 0, pageSize, page * pageSize);
  closeSync(file);
};

describe("a store", () => {
  it.scopedLive("that was closed in order is opened as it is, one that was not is looked through first", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "store");
      expect((yield* opened(folder, fill)).lines).toEqual([]);
      expect(readdirSync(folder).sort()).toEqual(["closed.json", "data.mdb", "lock.mdb"]);
      expect(yield* opened(folder, readAll)).toEqual({ result: Either.right("all is there"), lines: [] });

      const gone = spawnSync(process.execPath, ["-e", ""]);
      writeFileSync(join(folder, "open-1.json"), JSON.stringify({ ...ownIdentity, pid: gone.pid }));
      const after = yield* opened(folder, readAll);
      expect(after.lines).toEqual([expect.stringContaining("not closed by its last process, is sound")]);
      expect(after.result).toEqual(Either.right("all is there"));
      expect((yield* opened(folder, readAll)).lines, "once is enough").toEqual([]);

      // A number that this process has now, or that another process has got since.
      for (const left of [ownIdentity, { ...ownIdentity, pid: process.ppid, began: "0" }]) {
        writeFileSync(join(folder, "open-2.json"), JSON.stringify(left));
        expect((yield* opened(folder, readAll)).lines).toHaveLength(1);
      }
    }),
  );

  it.scopedLive("that a living process works with is opened as it is", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "store");
      yield* Effect.gen(function* () {
        yield* fill;
        writeFileSync(join(folder, "open-1.json"), "{}");
        expect(yield* opened(folder, readAll)).toEqual({ result: Either.right("all is there"), lines: [] });
      }).pipe(Effect.provide(layerAt(folder)));
      expect((yield* opened(folder, readAll)).lines, "the remains of another are looked at later").toHaveLength(1);
    }),
  );

  it.scopedLive(
    "with a page of random bytes is refused with the remedy, or the page was of no use",
    () =>
      Effect.gen(function* () {
        const folder = join(yield* temporaryFolder, "store");
        yield* opened(folder, fill);
        const pages = statSync(join(folder, "data.mdb")).size / pageSize;
        const random = makeRandom(5, "pages");
        let refused = 0;
        for (let round = 0; round < 16; round++) {
          const copy = `${folder}-${round}`;
          cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
          overwrite(copy, 2 + random.below(pages - 2), () => random.below(256));
          const { lines, result } = yield* opened(copy, readAll);
          if (Either.isLeft(result)) {
            refused++;
            expect(result.left).toMatchObject({ _tag: "StoreError", reason: "Corrupt", path: copy });
            expect(result.left.message).toMatch(/restore it from a backup, or move the folder away/);
          } else {
            expect(result.right).toBe("all is there");
            expect(lines).toHaveLength(1);
          }
          rmSync(copy, { recursive: true });
        }
        expect(refused).toBeGreaterThan(5);
      }),
    300_000,
  );
});
