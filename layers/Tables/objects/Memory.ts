/** Objects in this process's memory, for as long as the layer lives; engines get files in a folder of their own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clock, Effect, Layer, Option, type Scope } from "effect";
import { type Entry, ObjectError, Objects, type ObjectsService } from "./Objects.ts";
import { makeScratch } from "./Scratch.ts";

interface Stored {
  readonly content: Uint8Array;
  readonly tag: string;
  readonly modified: number;
}

/** A `Buffer`'s own slice would share its memory. */
const copyOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** `scratch`: a folder for engines' files. */
export const makeMemory = (scratch: string): ObjectsService => {
  const objects = new Map<string, Stored>();
  let puts = 0;

  const keep = (path: string, content: Uint8Array, modified: number): void => {
    puts += 1;
    objects.set(path, { content, tag: String(puts), modified });
  };
  const find = (path: string) => Effect.sync(() => Option.fromNullable(objects.get(path)));
  const get: ObjectsService["get"] = (path) =>
    Effect.map(
      find(path),
      Option.map(({ content }) => content),
    );
  const put: ObjectsService["put"] = (path, content) =>
    Effect.map(Clock.currentTimeMillis, (now) => keep(path, copyOf(content), now));
  const remove = (path: string) =>
    Effect.sync(() => {
      for (const other of objects.keys()) if (other === path || other.startsWith(`${path}/`)) objects.delete(other);
    });

  return {
    get,
    put,
    head: (path) =>
      Effect.map(
        find(path),
        Option.map(({ content, modified, tag }) => ({ tag, modified, size: content.length })),
      ),
    open: (path) =>
      Effect.map(
        get(path),
        Option.map((content) => ({
          size: content.length,
          range: (start, end) =>
            end > content.length
              ? Promise.reject(new Error(`the file ends at byte ${content.length}`))
              : Promise.resolve(copyOf(content.subarray(start, end)).buffer),
        })),
      ),
    list: (folder) =>
      Effect.sync(() => {
        const entries = new Map<string, Entry>();
        for (const path of objects.keys()) {
          if (!path.startsWith(`${folder}/`)) continue;
          const [name = "", ...below] = path.slice(folder.length + 1).split("/");
          entries.set(name, { name, kind: below.length === 0 ? "object" : "folder" });
        }
        return [...entries.values()];
      }),
    putIfAbsent: (path, content) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (objects.has(path)) return false;
        keep(path, copyOf(content), now);
        return true;
      }),
    create: (path) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (objects.has(path)) return Effect.fail(new ObjectError({ path, cause: new Error("it exists") }));
        const parts: Array<Uint8Array> = [];
        return Effect.succeed({
          write: async (bytes: Uint8Array) => void parts.push(copyOf(bytes)),
          finish: async () => keep(path, Buffer.concat(parts), now),
        });
      }),
    delete: remove,
    drop: remove,
    makeFolder: () => Effect.void,
    persistNames: () => Effect.void,
    ...makeScratch(scratch, get, put),
  };
};

/** A folder that is removed with the scope. */
const temporary: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "objects-"))),
  (folder) => Effect.promise(() => rm(folder, { force: true, recursive: true })),
);

export const layer: Layer.Layer<Objects> = Layer.scoped(Objects, Effect.map(temporary, makeMemory));
