/** Scratch: copies of objects as files in one folder, for engines that know paths alone, where objects are elsewhere. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Effect, Option, type Scope } from "effect";
import { ObjectError, type ObjectsService } from "./Objects.ts";

export const makeScratch = (
  folder: string,
  get: ObjectsService["get"],
  put: ObjectsService["put"],
): Pick<ObjectsService, "fileOf" | "newFile" | "takeFile"> => {
  const io = <A>(path: string, run: () => Promise<A>): Effect.Effect<A, ObjectError> =>
    Effect.tryPromise({ try: run, catch: (cause) => new ObjectError({ path, cause }) });

  /** A path that nothing is at, with the object's own name at its end. */
  const newFile = (path: string): Effect.Effect<string, ObjectError, Scope.Scope> =>
    Effect.acquireRelease(
      io(folder, async () => {
        await mkdir(folder, { recursive: true });
        return join(folder, `${randomUUID()}-${basename(path)}`);
      }),
      (file) => Effect.promise(() => rm(file, { force: true }).catch(() => undefined)),
    );

  return {
    newFile,
    fileOf: (path) =>
      Effect.gen(function* () {
        const content = yield* get(path);
        if (Option.isNone(content)) return yield* new ObjectError({ path, cause: new Error("is missing") });
        const file = yield* newFile(path);
        yield* io(file, () => writeFile(file, content.value));
        return file;
      }),
    takeFile: (file, path) =>
      Effect.gen(function* () {
        const content = yield* io(file, () => readFile(file));
        yield* put(path, content);
        yield* io(file, () => rm(file, { force: true }));
        return content.length;
      }),
  };
};
