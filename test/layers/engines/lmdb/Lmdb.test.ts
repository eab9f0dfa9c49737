import { chmodSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer } from "effect";
import { narrowness } from "../../../../layers/engines/lmdb/Folder.ts";
import { layerAt, peek, Store } from "../../../../layers/engines/lmdb/Store.ts";
import { StoreError, storeError } from "../../../../layers/engines/lmdb/StoreError.ts";
import { temporaryFolder, temporaryStore } from "./temporary.ts";

const key = (name: string): Buffer => Buffer.from(name);
const isRoot = process.getuid?.() === 0;

const openingFails = (path: string) => Effect.flip(Effect.scoped(Layer.build(layerAt(path))));

describe("Store", () => {
  it.scoped("writes all of a change or nothing, and says why", () =>
    Effect.gen(function* () {
      const store = yield* Store;
      const { documents } = store.tables;
      const [kept, failed] = yield* Effect.all(
        [
          Effect.either(store.write(() => documents.put(key("kept"), key("1")))),
          Effect.either(
            store.write(() => {
              documents.put(key("lost"), key("2"));
              throw new Error("no");
            }),
          ),
        ],
        { concurrency: "unbounded" },
      );
      expect(kept._tag).toBe("Right");
      expect(failed).toMatchObject({ _tag: "Left", left: { _tag: "StoreError", reason: "Unavailable" } });
      expect(yield* store.read(() => documents.get(key("lost")))).toBeUndefined();
      expect(yield* store.read(() => documents.doesExist(key("kept")))).toBe(true);
    }).pipe(Effect.provide(temporaryStore)),
  );

  it.scoped("peeks at values of any size without a copy", () =>
    Effect.gen(function* () {
      const store = yield* Store;
      const { documents } = store.tables;
      const sizes = [0, 1, 4000, 40_000, 3_000_000, 17];
      yield* store.write(() => {
        for (const size of sizes) documents.put(key(`v${size}`), Buffer.alloc(size, size % 251));
      });
      for (const size of sizes) {
        const value = yield* store.read(() => Buffer.from(peek(documents, key(`v${size}`))!));
        expect(value.equals(Buffer.alloc(size, size % 251))).toBe(true);
      }
      expect(yield* store.read(() => peek(documents, key("none")))).toBeUndefined();
    }).pipe(Effect.provide(temporaryStore)),
  );

  it.scopedLive("is there again when opened again, beyond any first size of the map", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "deep/er");
      const value = Buffer.alloc(1 << 20, 7);
      yield* Effect.gen(function* () {
        const store = yield* Store;
        yield* Effect.forEach(
          Array.from({ length: 24 }, (_, i) => i),
          (i) => store.write(() => store.tables.documents.put(key(`big-${i}`), value)),
          { concurrency: "unbounded", discard: true },
        );
      }).pipe(Effect.provide(layerAt(path)));
      yield* Effect.gen(function* () {
        const store = yield* Store;
        const found = yield* store.read(() => Array.from(store.tables.documents.getKeys()).length);
        expect(found).toBe(24);
        expect(yield* store.read(() => value.equals(store.tables.documents.get(key("big-23"))!))).toBe(true);
      }).pipe(Effect.provide(layerAt(path)));
    }),
  );

  it.scopedLive("loses no commit when a process that opens it sets the newest commit's number back", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      yield* Effect.gen(function* () {
        const { tables, write, read } = yield* Store;
        const put = (n: number) => write(() => tables.documents.put(key(`commit-${n}`), key("1")));
        // Stays open: closing it would drop the locks of this process.
        const lock = openSync(join(folder, "lock.mdb"), "r+");
        const number = Buffer.alloc(8);
        let last = 0;
        for (const steps of [1, 2, 3, 1, 1, 7, 40]) {
          for (let i = 0; i < steps; i++) yield* put(last++);
          readSync(lock, number, 0, 8, 8);
          number.writeBigUInt64LE(number.readBigUInt64LE() - BigInt(steps));
          writeSync(lock, number, 0, 8, 8);
          yield* Effect.all([put(last++), put(last++), put(last++)], { concurrency: "unbounded" });
        }
        const found = yield* read(() =>
          Array.from({ length: last }, (_, n) => n).filter((n) => tables.documents.doesExist(key(`commit-${n}`))),
        );
        expect(found).toHaveLength(last);
      }).pipe(Effect.provide(layerAt(folder)));
    }),
  );

  it.scoped("names a file that stands in the folder's way", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      writeFileSync(join(folder, "data"), "a file");
      const error = yield* openingFails(join(folder, "data/store"));
      expect(error).toMatchObject({ reason: "Forbidden", path: join(folder, "data/store") });
      expect(error.message).toContain("move it");
    }),
  );

  it.scoped("names a folder that stands in a file's way", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      mkdirSync(join(folder, "lock.mdb"));
      expect(yield* openingFails(folder)).toMatchObject({ reason: "Forbidden", path: folder });
    }),
  );

  it.scoped("refuses a file that is no database, and a database that is cut or overwritten", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const file = join(folder, "data.mdb");
      yield* Effect.scoped(Layer.build(layerAt(folder)));
      const good = readFileSync(file);
      const overwritten = Buffer.from(good).fill(0, 4096, 8192);
      for (const bad of [
        Buffer.alloc(65_536, "not a database"),
        good.subarray(0, 10),
        good.subarray(0, 5000),
        overwritten,
      ]) {
        writeFileSync(file, bad);
        const error = yield* openingFails(folder);
        expect(error).toMatchObject({ reason: "Corrupt", path: folder });
        expect(error.message).toContain("restore it from a backup");
      }
      writeFileSync(file, good);
      yield* Effect.scoped(Layer.build(layerAt(folder)));
    }),
  );

  it.scoped("opens a small store again and again after ends without a close", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      for (let end = 0; end < 4; end++) {
        yield* Effect.scoped(Layer.build(layerAt(folder)));
        // As if the last process had been killed: the next one looks through the store, which takes pages and gives them back.
        rmSync(join(folder, "closed.json"));
      }
    }),
  );

  it.scoped.skipIf(isRoot)("refuses a folder that it may not write", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "read-only");
      mkdirSync(folder);
      chmodSync(folder, 0o500);
      const error = yield* openingFails(join(folder, "store"));
      expect(error).toMatchObject({ reason: "Forbidden" });
      expect(error.message).toContain("DATA_DIR");
    }),
  );

  it("tells when the address space is too narrow for the map", () => {
    const limits = (bytes: string) => `Limit  Soft Limit\nMax address space         ${bytes}     unlimited     bytes`;
    expect(narrowness(limits("unlimited"), 2 ** 30)).toBeUndefined();
    expect(narrowness(limits(String(70 * 2 ** 30)), 2 ** 30)).toBeUndefined();
    const reason = narrowness(limits(String(64 * 2 ** 30)), 2 ** 30);
    expect(storeError("/data/store", reason).message).toContain("ulimit -v unlimited");
  });

  it.each([
    ["No space left on device", "Full"],
    ["MDB_MAP_FULL: Environment mapsize limit reached", "Full"],
    ["Permission denied", "Forbidden"],
    ["EROFS: read-only file system, mkdir '/x'", "Forbidden"],
    ["MDB_CORRUPTED: Located page was wrong type", "Corrupt"],
    ["MDB_VERSION_MISMATCH: Database environment version mismatch", "Corrupt"],
    ["MDB_PANIC: Update of meta page failed or environment had fatal error", "Unavailable"],
    ["Invalid argument: No transaction to renew", "Unavailable"],
    ["something new", "Unavailable"],
  ])("takes %j for %s", (words, reason) => {
    const error = storeError("/data/store", new Error(words));
    expect(error).toBeInstanceOf(StoreError);
    expect(error.reason).toBe(reason);
    expect(error.message).toContain("/data/store");
    expect(error.message).toContain(words);
  });
});
