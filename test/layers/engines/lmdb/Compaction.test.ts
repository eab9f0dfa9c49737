import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { Clock, Effect, Fiber, Logger } from "effect";
import * as esbuild from "esbuild";
import fc from "fast-check";
import { steps } from "../../../../layers/engines/lmdb/CompactFile.ts";
import { compactAt, refusalOf } from "../../../../layers/engines/lmdb/Compaction.ts";
import { isDue, readNote, writeNote } from "../../../../layers/engines/lmdb/CompactionNote.ts";
import type { TableName } from "../../../../layers/engines/lmdb/Environment.ts";
import { layerAt, Store } from "../../../../layers/engines/lmdb/Store.ts";
import { ownIdentity } from "../../../../layers/Processes/Identity.ts";
import { temporaryFolder } from "./temporary.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
let child = "";

beforeAll(async () => {
  mkdirSync(join(root, "dist"), { recursive: true });
  // Beside the tree's packages, so that the bundle finds them.
  child = join(mkdtempSync(join(root, "dist/compacting-")), "child.mjs");
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL("crash/compacting.ts", import.meta.url))],
    outfile: child,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "warning",
  });
});
afterAll(() => rmSync(join(child, ".."), { recursive: true, force: true }));

const tables = ["log", "states", "letters"] as const satisfies ReadonlyArray<TableName>;
type Entries = ReadonlyMap<string, string>;

/** What each removed key and value, and nothing else, has in it. */
const mark = "forgotten-7f3a";

const keep = (entries: Entries) =>
  Effect.flatMap(Store, ({ tables: { log, states, letters }, write }) =>
    write(() => {
      for (const table of [log, states, letters]) {
        for (const [key, value] of entries) table.put(Buffer.from(key), Buffer.from(value));
      }
    }),
  );

const drop = (keys: ReadonlyArray<string>) =>
  Effect.flatMap(Store, ({ tables: { log, states, letters }, write }) =>
    write(() => {
      for (const table of [log, states, letters]) for (const key of keys) table.remove(Buffer.from(key));
    }),
  );

const all = Effect.flatMap(Store, ({ read, tables: found }) =>
  read(() =>
    tables.map(
      (name) =>
        new Map(
          Array.from(
            found[name].getRange(),
            ({ key, value }) => [Buffer.from(key).toString(), Buffer.from(value).toString()] as const,
          ),
        ),
    ),
  ),
);

const opened = <A, E>(folder: string, program: Effect.Effect<A, E, Store>) =>
  Effect.suspend(() => {
    const lines: Array<string> = [];
    const logger = Logger.make(({ message }) => lines.push(String(message)));
    return program.pipe(
      Effect.provide(layerAt(folder)),
      Effect.map((result) => ({ result, lines })),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    );
  });

const isIn = (folder: string): boolean => readFileSync(join(folder, "data.mdb")).includes(mark);

/** Many small entries, of which every other is removed, and a few that need pages of their own. */
const live: Entries = new Map([
  ...Array.from({ length: 900 }, (_, i) => [`user-${i}`, `state ${i} `.repeat(i % 9)] as const),
  ...Array.from({ length: 9 }, (_, i) => [`user-large-${i}`, "x".repeat(1900 + 700 * i)] as const),
]);
const gone: Entries = new Map([
  ...Array.from({ length: 900 }, (_, i) => [`user-${i}-${mark}`, `${mark} `.repeat(i % 9)] as const),
  ...Array.from({ length: 9 }, (_, i) => [`user-large-${i}-${mark}`, mark.repeat(150 + 90 * i)] as const),
]);

/** A store that has bytes of what was removed, and is asked to have them no more. */
const filled = Effect.gen(function* () {
  const folder = join(yield* temporaryFolder, "store");
  yield* opened(folder, Effect.all([keep(live), keep(gone)]));
  yield* opened(folder, drop([...gone.keys()]));
  expect(isIn(folder)).toBe(true);
  writeNote(folder, { asked: 7 });
  return folder;
});

const three = [live, live, live];

describe("compaction", () => {
  it.scopedLive("before an opening leaves every entry, and no byte of what was removed", () =>
    Effect.gen(function* () {
      const folder = yield* filled;
      const before = statSync(join(folder, "data.mdb")).size;
      const { lines, result } = yield* opened(folder, all);
      expect(result).toEqual(three);
      expect(isIn(folder)).toBe(false);
      expect(lines).toEqual([
        expect.stringContaining("is compacted before it is opened"),
        expect.stringContaining("nothing that was removed is left in it"),
      ]);
      expect(statSync(join(folder, "data.mdb")).size).toBeLessThan(before / 2);
      expect(readdirSync(folder).sort()).toEqual(["closed.json", "compaction.json", "data.mdb", "lock.mdb"]);
      const { done = 0, ...rest } = readNote(folder);
      expect([rest, Math.abs(done - (yield* Clock.currentTimeMillis) / 1000) < 60]).toEqual([{}, true]);
      // Once is enough, and what is written then is there.
      expect((yield* opened(folder, keep(new Map([["new", "entry"]])))).lines).toEqual([]);
      expect((yield* opened(folder, all)).result[0]?.get("new")).toBe("entry");
    }),
  );

  it("leaves what is in the tables, whatever was put and removed before", { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(
            fc.record({
              key: fc.integer({ min: 0, max: 120 }),
              size: fc.integer({ min: -4000, max: 9000 }),
              last: fc.boolean(),
            }),
            { minLength: 1, maxLength: 60 },
          ),
          { minLength: 1, maxLength: 4 },
        ),
        (commits) =>
          Effect.gen(function* () {
            const folder = join(yield* temporaryFolder, "store");
            const kept = new Map<string, string>();
            for (const changes of commits) {
              yield* opened(
                folder,
                Effect.flatMap(Store, ({ tables: { states }, write }) =>
                  write(() => {
                    for (const { key, last, size } of changes) {
                      const name = Buffer.from(last ? `${mark}-${key}` : `user-${key}`);
                      // What is marked is put and removed, in one commit or in two.
                      if (size < 0) states.remove(name);
                      else states.put(name, Buffer.alloc(size, last ? mark : "z"));
                      if (last) continue;
                      if (size < 0) kept.delete(String(name));
                      else kept.set(String(name), "z".repeat(size));
                    }
                  }),
                ),
              );
            }
            yield* opened(
              folder,
              Effect.flatMap(Store, ({ tables: { states }, write }) =>
                write(() => {
                  for (let key = 0; key <= 120; key++) states.remove(Buffer.from(`${mark}-${key}`));
                }),
              ),
            );
            expect(yield* compactAt(folder)).toMatchObject({ _tag: "Done" });
            expect(isIn(folder)).toBe(false);
            expect((yield* opened(folder, all)).result[1]).toEqual(kept);
          }).pipe(Effect.scoped, Effect.runPromise),
      ),
      { numRuns: 12 },
    ),
  );

  it.scopedLive.each(steps)("killed once it is %s leaves the old store or the new one, whole", (step) =>
    Effect.gen(function* () {
      const folder = yield* filled;
      const { signal } = spawnSync(process.execPath, [child, folder, step]);
      expect(signal).toBe("SIGKILL");
      const isNew = steps.indexOf(step) >= steps.indexOf("renamed");
      expect(isIn(folder)).toBe(!isNew);
      const { lines, result } = yield* opened(folder, all);
      expect(result).toEqual(three);
      // Not tried again at once; what was half done has gone.
      expect(lines.filter((line) => line.includes("compacted"))).toEqual([]);
      expect(existsSync(join(folder, "anew"))).toBe(false);
      expect(isIn(folder)).toBe(!isNew);
      const note = readNote(folder);
      expect(note.done === undefined).toBe(steps.indexOf(step) < steps.indexOf("noted"));
      expect(isDue(note, (note.begun ?? 0) + 3600)).toBe(false);
      expect(isDue(note, (note.begun ?? 0) + 90_000)).toBe(note.done === undefined);
      expect(yield* compactAt(folder)).toMatchObject({ _tag: "Done" });
      expect((yield* opened(folder, all)).result).toEqual(three);
      expect(isIn(folder)).toBe(false);
    }),
  );

  it.scopedLive("is refused while the store is open, and where the disk has no room; both say what to do", () =>
    Effect.gen(function* () {
      const folder = yield* filled;
      const holder = join(folder, "open-1.json");
      writeFileSync(holder, JSON.stringify({ ...ownIdentity, host: "another-container" }));
      const found = yield* compactAt(folder);
      const words = `process ${process.pid} of another-container (${holder})`;
      expect(found).toEqual({ _tag: "Open", holders: [words] });
      expect(found._tag === "Done" ? "" : refusalOf(folder, found)).toContain(
        `is open in ${words}: stop whatever uses it`,
      );
      rmSync(holder);
      yield* opened(
        folder,
        Effect.gen(function* () {
          expect(yield* compactAt(folder)).toMatchObject({ _tag: "Open" });
          expect(yield* all).toEqual(three);
        }),
      );
      const full = JSON.parse(String(spawnSync(process.execPath, [child, folder, "no room"]).stdout));
      expect(full).toMatchObject({ _tag: "NoRoom", free: 1 });
      expect(refusalOf(folder, full)).toMatch(/needs \d+ MB free on its disk, which has 1 MB/);
    }),
  );

  it.scopedLive(
    "is waited for by who opens the store meanwhile, in order or at the lock, and nothing of theirs is lost",
    () =>
      Effect.gen(function* () {
        for (const isNoted of [true, false]) {
          const folder = yield* filled;
          const go = join(folder, "go");
          const compacting = spawn(process.execPath, [child, folder, isNoted ? go : "held"], { stdio: "ignore" });
          const ended = new Promise((resolve) => compacting.once("exit", resolve));
          yield* Effect.promise(() => expect.poll(() => readNote(folder).begun ?? 0).toBeGreaterThan(0));
          const { by: _, ...without } = readNote(folder);
          if (!isNoted) writeNote(folder, without);
          const opening = yield* Effect.fork(opened(folder, Effect.zipRight(keep(new Map([["new", "entry"]])), all)));
          if (isNoted) {
            yield* Effect.yieldNow();
            writeFileSync(go, "");
          }
          const { lines, result } = yield* Fiber.join(opening);
          expect(lines.map((line) => line.includes("is being compacted by another process"))).toEqual(
            isNoted ? [true] : [],
          );
          expect(yield* Effect.promise(() => ended)).toBe(0);
          expect(result[0]).toEqual(new Map([...live, ["new", "entry"]]));
          expect(isIn(folder)).toBe(false);
          expect((yield* opened(folder, all)).result[0]?.get("new")).toBe("entry");
        }
      }),
  );

  it.scopedLive(
    "that did not see who has the store open costs them their next write, which is refused and not lost",
    () =>
      Effect.gen(function* () {
        const folder = yield* filled;
        writeNote(folder, {});
        yield* opened(
          folder,
          Effect.gen(function* () {
            const [notice = ""] = readdirSync(folder).filter((name) => name.startsWith("open-"));
            rmSync(join(folder, notice));
            expect(yield* compactAt(folder)).toMatchObject({ _tag: "Done" });
            const refused = yield* Effect.flip(keep(new Map([["lost", "entry"]])));
            expect(refused).toMatchObject({
              reason: "Unavailable",
              message: expect.stringContaining("start this one again"),
            });
          }),
        );
        expect((yield* opened(folder, all)).result).toEqual(three);
        expect(isIn(folder)).toBe(false);
      }),
  );
});
