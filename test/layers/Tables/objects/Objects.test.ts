/** What every layer of Objects promises. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Either, type Layer, Option } from "effect";
import * as Local from "../../../../layers/Tables/objects/Local.ts";
import * as Memory from "../../../../layers/Tables/objects/Memory.ts";
import { Objects, type ObjectsService } from "../../../../layers/Tables/objects/Objects.ts";
import { temporaryFolder } from "../temporary.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

const contract = (name: string, layer: Layer.Layer<Objects>) => {
  /** Objects, a folder for them, and what is read of one as text. */
  const live = <A, E>(
    title: string,
    effect: (
      objects: ObjectsService,
      folder: string,
      textOf: (path: string) => Effect.Effect<string | undefined, unknown>,
    ) => Effect.Effect<A, E, never>,
  ) =>
    it.scopedLive(title, () =>
      Effect.gen(function* () {
        const objects = yield* Objects;
        const folder = join(yield* temporaryFolder, "a/b");
        yield* objects.makeFolder(folder);
        return yield* effect(objects, folder, (path) =>
          Effect.map(objects.get(path), (found) =>
            Option.getOrUndefined(Option.map(found, (one) => Buffer.from(one).toString())),
          ),
        );
      }).pipe(Effect.provide(layer)),
    );

  describe(`Objects: ${name}`, () => {
    live("puts and gets, whole and in ranges, and tells one object from another", (objects, folder, textOf) =>
      Effect.scoped(
        Effect.gen(function* () {
          const path = join(folder, "one");
          expect(yield* textOf(path)).toBeUndefined();
          expect(yield* objects.head(path)).toEqual(Option.none());
          expect(yield* objects.open(path)).toEqual(Option.none());
          yield* objects.put(path, bytes("0123456789"));
          expect(yield* textOf(path)).toBe("0123456789");
          const first = Option.getOrThrow(yield* objects.head(path));
          expect(first.size).toBe(10);
          expect(Math.abs(first.modified - Date.now())).toBeLessThan(60_000);
          const { range, size } = Option.getOrThrow(yield* objects.open(path));
          expect(size).toBe(10);
          yield* objects.put(path, bytes("another"));
          expect(Buffer.from(yield* Effect.promise(() => range(3, 6))).toString()).toBe("345");
          expect(yield* Effect.either(Effect.tryPromise(() => range(8, 11)))).toMatchObject({ _tag: "Left" });
          expect(Option.getOrThrow(yield* objects.head(path)).tag).not.toBe(first.tag);
          yield* objects.persistNames(folder);
        }),
      ),
    );

    live("lets one of many put where there is none", (objects, folder, textOf) =>
      Effect.gen(function* () {
        const path = join(folder, "one");
        const all = Array.from({ length: 8 }, (_, i) => String(i));
        const won = yield* Effect.forEach(all, (text) => objects.putIfAbsent(path, bytes(text)), {
          concurrency: "unbounded",
        });
        expect(won.filter((it) => it)).toHaveLength(1);
        expect(yield* textOf(path)).toBe(all[won.indexOf(true)]);
        expect(yield* objects.list(folder)).toEqual([{ name: "one", kind: "object" }]);
      }),
    );

    live("takes a large object piece by piece", (objects, folder, textOf) =>
      Effect.gen(function* () {
        const path = join(folder, "large");
        const buffer = new Uint8Array(3);
        yield* Effect.scoped(
          Effect.flatMap(objects.create(path), ({ finish, write }) =>
            Effect.promise(async () => {
              for (const piece of ["abc", "def"]) {
                buffer.set(bytes(piece));
                await write(buffer);
              }
              await finish();
            }),
          ),
        );
        expect(yield* textOf(path)).toBe("abcdef");
        expect(yield* Effect.either(Effect.scoped(objects.create(path)))).toSatisfy(Either.isLeft);
      }),
    );

    live("lists a folder, deletes and drops", (objects, folder, textOf) =>
      Effect.gen(function* () {
        expect(yield* objects.list(join(folder, "nowhere"))).toEqual([]);
        yield* objects.makeFolder(join(folder, "in"));
        for (const name of ["x", "in/y", "in/z"]) yield* objects.put(join(folder, name), bytes(name));
        const listed = yield* objects.list(folder);
        expect([...listed].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
          { name: "in", kind: "folder" },
          { name: "x", kind: "object" },
        ]);
        yield* objects.delete(join(folder, "in/y"));
        yield* objects.delete(join(folder, "in/y"));
        expect(yield* objects.list(join(folder, "in"))).toEqual([{ name: "z", kind: "object" }]);
        yield* objects.drop(join(folder, "in"));
        yield* objects.drop(join(folder, "in"));
        expect(yield* textOf(join(folder, "in/z"))).toBeUndefined();
        expect(yield* objects.list(folder)).toEqual([{ name: "x", kind: "object" }]);
        yield* objects.delete(folder);
        expect(yield* textOf(join(folder, "x"))).toBeUndefined();
      }),
    );

    live("gives engines files to read and to write", (objects, folder, textOf) =>
      Effect.scoped(
        Effect.gen(function* () {
          const [read, written] = [join(folder, "read"), join(folder, "written")];
          yield* objects.put(read, bytes("read"));
          const file = yield* objects.fileOf(read);
          expect(yield* Effect.promise(() => readFile(file, "utf8"))).toBe("read");
          const made = yield* objects.newFile(written);
          yield* Effect.promise(() => writeFile(made, "written"));
          expect(yield* objects.takeFile(made, written)).toBe(7);
          expect(yield* textOf(written)).toBe("written");
        }),
      ),
    );
  });
};

contract("Local", Local.layer);
contract("Memory", Memory.layer);
